"""Spending beyond the daily cap, to the last digit."""

from decimal import Decimal

import pytest

from policy_engine.facts import Facts
from policy_engine.findings import Decision
from policy_engine.rules.daily_cost import daily_cost_cap_exceeded
from schemas.messages.cost import MAX_AMOUNT, cost_units
from schemas.policy import CostCap, PolicyRule, PolicyTerms
from tests.policy_engine.policies import compiled

STEP = Decimal("0.000000000001")


def spent(amount: Decimal, currency: str = "USD") -> Facts:
    return Facts({currency: cost_units(amount)})


@pytest.mark.parametrize("cap", [Decimal(0), Decimal("0.30"), MAX_AMOUNT - 1], ids=str)
def test_what_is_over_the_cap_by_the_smallest_step_is_denied(cap: Decimal) -> None:
    policy = compiled(PolicyTerms(daily_cost_cap=CostCap(cap, "USD")))
    assert daily_cost_cap_exceeded(policy, spent(cap)) is None
    finding = daily_cost_cap_exceeded(policy, spent(cap + STEP))
    assert finding is not None
    assert (finding.rule, finding.decision) == (PolicyRule.DAILY_COST_CAP, Decision.DENY)
    assert f"{cap + STEP:f} USD were spent" in finding.explanation
    assert f"the daily cap is {cap:f} USD" in finding.explanation


def test_other_currencies_do_not_count() -> None:
    policy = compiled(PolicyTerms(daily_cost_cap=CostCap(Decimal(1), "USD")))
    assert daily_cost_cap_exceeded(policy, spent(Decimal(100), "JPY")) is None
    assert daily_cost_cap_exceeded(policy, Facts({})) is None


def test_without_a_cap_everything_may_be_spent() -> None:
    assert daily_cost_cap_exceeded(compiled(PolicyTerms()), spent(MAX_AMOUNT)) is None
