"""A partition reports what a tenant's budgets ask for, when it changed, and all of it for a new budget."""

from decimal import Decimal

from schemas.budgets import BudgetPeriod, BudgetScope, BudgetTerms
from schemas.derived import AlertState
from schemas.messages.cost import CostRow
from schemas.totals_block import TotalsRow
from stream_processors.rules.partition_totals import TURN
from tests.stream_processors.rules.log_builder import World, alerts, cost, log

UNIT = 10**12
TENANT = BudgetTerms(Decimal(10), "USD", thresholds=(0.5,))
CENTER = BudgetTerms(Decimal(10), "USD", BudgetScope.COST_CENTER, "lab", thresholds=(0.5,))
AGENT = BudgetTerms(Decimal(10), "USD", BudgetScope.AGENT, "a", BudgetPeriod.DAY, thresholds=(0.5,))


def tool(amount: str, center: str = "", currency: str = "USD") -> CostRow:
    return cost(amount, "tool_cost", currency=currency, cost_center=center)


def reported(world: World) -> set[tuple[str, str, str, str, int]]:
    return {
        (row.scope, row.name, row.period, row.currency, int(row.units) // UNIT)
        for report in world.state.take_reports()
        for row in report.rows
        if isinstance(row, TotalsRow)
    }


def test_without_a_budget_nothing_is_reported() -> None:
    world = World()
    world.send(tool("1"))
    world.wait(TURN)
    assert reported(world) == set()


def test_the_tenants_sums_and_those_that_budgets_name_are_reported_when_they_change() -> None:
    world = World()
    world.budget(TENANT)
    world.budget(CENTER, name="c")
    world.budget(AGENT, name="d")
    world.wait(TURN)
    world.send(tool("1", "lab"), tool("2", "other"), tool("4", currency="EUR"), cost(5))
    world.send(tool("8"), agent="b")
    world.wait(TURN)
    day_and_month = {
        ("tenant", "", "USD", 11),
        ("tenant", "", "EUR", 4),
        ("cost_center", "lab", "USD", 1),
        ("agent", "a", "USD", 3),
        ("agent", "a", "EUR", 4),
    }
    assert reported(world) == {
        (scope, name, period, currency, amount)
        for scope, name, currency, amount in day_and_month
        for period in ("day", "month")
    }
    world.send(log())
    world.wait(TURN)
    assert reported(world) == set()


def test_a_budget_that_is_new_counts_what_was_spent_before() -> None:
    world = World()
    world.send(tool("6", "lab"))
    world.wait(TURN)
    assert reported(world) == set()
    world.budget(CENTER)
    world.wait(TURN)
    (alert,) = alerts(world.come_home())
    assert (alert.state, alert.agent_id) == (AlertState.FIRING, "")
    assert alert.summary == "60 % of the budget b is spent this month: 6 of 10 USD"


def test_rows_say_where_they_are_from() -> None:
    world = World()
    world.budget(TENANT)
    world.send(tool("1"))
    world.wait(TURN)
    (report,) = world.state.take_reports()
    assert {(row.log_partition, row.offset) for row in report.rows} == {(0, world.state.totals.moment.offset)}
    assert (report.tenant_id, report.made_at) == ("default", world.now)
