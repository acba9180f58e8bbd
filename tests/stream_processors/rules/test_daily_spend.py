"""Spending is added up to the last digit, by the log's days, and each policy tells once a day."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.policy_set import PolicySet
from schemas.messages.cost import MAX_AMOUNT, cost_units
from schemas.policy import CostCap, PolicyTerms
from stream_processors.rules.daily_spend import DailySpend, exceeded_caps
from stream_processors.rules.decay import DAY
from stream_processors.rules.evidence import CostRow
from tests.policy_engine.policies import compiled

NOON = 20_000 * DAY + DAY // 2
MIDNIGHT = 20_001 * DAY


def capped(amount: str, currency: str = "USD", name: str = "cap") -> PolicySet:
    return PolicySet([compiled(PolicyTerms(daily_cost_cap=CostCap(Decimal(amount), currency)), name)])


def tool(amount: str, currency: str = "USD") -> CostRow:
    return CostRow("tool_cost", Decimal(amount), currency)


def exceeded(state: DailySpend, policies: PolicySet, now: int, *rows: CostRow) -> list[int]:
    """The places of the entries that exceed a cap."""
    return [seq for seq, _ in exceeded_caps(state, policies, now, rows)]


def test_the_entry_that_exceeds_the_cap_tells_once_a_day() -> None:
    state, policies = DailySpend(), capped("0.30")
    assert exceeded(state, policies, NOON, tool("0.1"), tool("0.2")) == []
    assert exceeded(state, policies, NOON, tool("0"), tool("0.000000000001"), tool("5")) == [1]
    assert exceeded(state, policies, MIDNIGHT - 1, tool("5")) == []
    assert exceeded(state, policies, MIDNIGHT, tool("0.3")) == []
    assert exceeded(state, policies, MIDNIGHT, tool("0.1")) == [0]


def test_a_finding_says_what_was_spent() -> None:
    ((_, finding),) = exceeded_caps(DailySpend(), capped("1"), NOON, [tool("0.75"), tool("0.75")])
    assert finding.explanation == "1.5 USD were spent today, and the daily cap is 1 USD"


@pytest.mark.parametrize(
    "row",
    [
        CostRow("tokens_out", Decimal(100)),
        CostRow("tokens_out", Decimal(100), "USD"),
        CostRow("tokens_out", Decimal(100), "USD", Decimal("0.5")),
        CostRow("tool_cost", Decimal(100), "EUR"),
        CostRow("a_later_metric", Decimal(100), "USD"),
    ],
    ids=["tokens", "tokens-in-a-currency", "cheap", "another-currency", "unknown"],
)
def test_only_money_counts(row: CostRow) -> None:
    assert exceeded(DailySpend(), capped("1"), NOON, row) == []


def test_what_tokens_were_billed_at_counts() -> None:
    row = CostRow("tokens_out", Decimal(100), "USD", Decimal("1.5"))
    assert exceeded(DailySpend(), capped("1"), NOON, row) == [0]


def test_a_policy_that_was_changed_tells_again_and_another_one_for_itself() -> None:
    state = DailySpend()
    assert exceeded(state, capped("1"), NOON, tool("2")) == [0]
    lower = PolicySet([compiled(PolicyTerms(daily_cost_cap=CostCap(Decimal(1), "USD")), "another")])
    assert exceeded(state, lower, NOON, tool("0")) == [0]
    assert state.exceeded == [("cap", 3), ("another", 3)]


AMOUNTS = st.decimals(0, MAX_AMOUNT, places=12)


@given(st.lists(AMOUNTS, max_size=10), AMOUNTS)
def test_sums_are_exact(amounts: list[Decimal], cap: Decimal) -> None:
    state, policies = DailySpend(), capped(str(cap))
    found = exceeded(state, policies, NOON, *(tool(str(amount)) for amount in amounts))
    sums = [sum(map(cost_units, amounts[: place + 1])) for place in range(len(amounts))]
    assert found == [place for place, units in enumerate(sums) if units > cost_units(cap)][:1]
    assert state.spent == ({"USD": str(sums[-1])} if sums else {})
