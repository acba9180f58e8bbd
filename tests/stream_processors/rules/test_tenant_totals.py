"""A tenant's budgets: all partitions count, each threshold is said once, and a period ends it."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.budgets import BudgetPeriod, BudgetScope, BudgetTerms
from schemas.derived import Alert, AlertState, DerivedEvent, subject_of
from schemas.errors import InvalidMessageError
from schemas.totals_block import TotalsRow
from stream_processors.rules.decay import DAY
from stream_processors.rules.tenant_totals import (
    MOST_TOTALS,
    TenantState,
    absorb_totals,
    decode_tenant,
    encode_tenant,
    number_of,
    spent_in,
)
from tests.stream_processors.rules.log_builder import HOUR, START, World, alerts

UNIT = 10**12
TERMS = BudgetTerms(Decimal(10), "USD", period=BudgetPeriod.DAY, thresholds=(0.5, 1.0))
TODAY = number_of(BudgetPeriod.DAY, START)


def row(
    amount: int,
    *,
    partition: int = 0,
    offset: int = 1,
    number: int = TODAY,
    **other: Any,  # noqa: ANN401 - any field
) -> TotalsRow:
    facts = {"scope": BudgetScope.TENANT, "name": "", "currency": "USD", "period": BudgetPeriod.DAY} | other
    return TotalsRow(
        tenant_id="default",
        log_partition=partition,
        offset=offset,
        number=number,
        units=str(amount * UNIT),
        **facts,
    )


def reported(world: World, *rows: TotalsRow) -> list[DerivedEvent]:
    return world._absorb(world.log.totals(world.now, rows))


def said(events: list[DerivedEvent]) -> list[tuple[AlertState, str]]:
    return [(alert.state, alert.summary) for alert in alerts(events)]


def test_all_partitions_count_and_each_threshold_is_said_once() -> None:
    world = World()
    world.budget(TERMS)
    assert said(reported(world, row(3, partition=0))) == []
    (event,) = reported(world, row(3, partition=1))
    assert said([event]) == [(AlertState.FIRING, "60 % of the budget b is spent today: 6 of 10 USD")]
    assert subject_of(event.data) == "default"
    assert said(reported(world, row(4, partition=1, offset=2))) == []
    (again,) = reported(world, row(9, partition=1, offset=3))
    assert said([again]) == [(AlertState.FIRING, "120 % of the budget b is spent today: 12 of 10 USD")]
    assert (again.key, again.id != event.id) == (event.key, True)


def test_a_report_that_comes_late_or_again_changes_nothing() -> None:
    state = TenantState("default")
    absorb_totals(state, [row(3, offset=5)])
    absorb_totals(state, [row(2, offset=4)])
    absorb_totals(state, [row(9, offset=9, number=TODAY - 1)])
    assert spent_in(state, TERMS, TODAY) == 3 * UNIT
    absorb_totals(state, [row(1, offset=6, number=TODAY + 1)])
    assert (spent_in(state, TERMS, TODAY), spent_in(state, TERMS, TODAY + 1)) == (0, UNIT)


def test_other_scopes_names_and_currencies_are_others() -> None:
    state = TenantState("default")
    others: list[dict[str, Any]] = [
        {"scope": BudgetScope.AGENT, "name": "a"},
        {"scope": BudgetScope.COST_CENTER, "name": "a"},
        {"currency": "EUR"},
    ]
    absorb_totals(state, [row(1)] + [row(5, **other) for other in others])
    assert spent_in(state, TERMS, TODAY) == UNIT


def test_what_fires_ends_with_its_period_and_with_its_budget() -> None:
    world = World()
    world.budget(TERMS)
    reported(world, row(6))
    world.now = (START // DAY + 1) * DAY - HOUR
    (event,) = (one for one in world.wait(2 * HOUR, step=HOUR) if isinstance(one.data, Alert))
    assert said([event]) == [
        (AlertState.RESOLVED, "no longer: 0 % of the budget b is spent today: 0 of 10 USD"),
    ]
    assert event.time == (START // DAY + 1) * DAY
    reported(world, row(6, offset=2, number=TODAY + 1))
    assert said(world.budget(None, 2)) == []
    assert [state for state, _ in said(world.wait(1000))] == [AlertState.RESOLVED]
    assert world.state.tenants["default"].budgets == {}


def test_a_budget_that_is_raised_ends_the_alert_and_one_that_is_lowered_fires() -> None:
    world = World()
    world.budget(TERMS)
    reported(world, row(6))
    raised = BudgetTerms(Decimal(100), "USD", period=BudgetPeriod.DAY, thresholds=(0.5,))
    world.budget(raised, 2)
    assert [state for state, _ in said(world.wait(1000))] == [AlertState.RESOLVED]
    world.budget(TERMS, 3)
    assert [state for state, _ in said(world.wait(1000))] == [AlertState.FIRING]


def test_made_up_names_do_not_pile_up() -> None:
    state = TenantState("default")
    absorb_totals(state, [row(1, name=str(number)) for number in range(MOST_TOTALS + 5)])
    assert len(state.totals) == MOST_TOTALS


def test_packing_loses_nothing() -> None:
    world = World()
    world.budget(TERMS)
    reported(world, row(6))
    state = world.state.tenants["default"]
    assert encode_tenant(decode_tenant(encode_tenant(state))) == encode_tenant(state)
    with pytest.raises(InvalidMessageError):
        decode_tenant(b"\x01")
