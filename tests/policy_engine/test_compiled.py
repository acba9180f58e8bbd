"""A policy made ready says what the policy says."""

from decimal import Decimal

import pytest

from policy_engine.findings import Decision, Finding
from schemas.messages.values import Severity
from schemas.policy import (
    DEFAULT_SEVERITIES,
    HIGHEST_TIER,
    TRUSTED_TIER,
    CostCap,
    HighRiskAction,
    PolicyRule,
    PolicyTerms,
)
from tests.policy_engine.policies import compiled

RISK = (HighRiskAction("github", "delete_*"),)


def test_without_terms_everything_is_open() -> None:
    policy = compiled(PolicyTerms())
    assert "anybody" in policy.agents
    assert policy.allowed_tools is None
    assert (policy.constraints, policy.approval_needed_for, policy.daily_cost_cap) == ([], [], None)
    assert policy.severities == DEFAULT_SEVERITIES


def test_a_cap_is_exact_and_can_be_read() -> None:
    cap = compiled(PolicyTerms(daily_cost_cap=CostCap(Decimal("0.10"), "USD"))).daily_cost_cap
    assert cap == (100_000_000_000, "USD", "0.10 USD")


@pytest.mark.parametrize("tier", range(HIGHEST_TIER + 1))
def test_approval_is_needed_below_tier_three(tier: int) -> None:
    policy = compiled(PolicyTerms(autonomy_tier=tier, high_risk_actions=RISK))
    assert bool(policy.approval_needed_for) == (tier < TRUSTED_TIER)


def test_a_finding_names_its_policy_and_has_the_severity_that_the_policy_gives_it() -> None:
    policy = compiled(PolicyTerms(severities={PolicyRule.DAILY_COST_CAP: Severity.CRITICAL}))
    cap = policy.finding(PolicyRule.DAILY_COST_CAP, "because")
    assert cap == Finding("build", 3, PolicyRule.DAILY_COST_CAP, Severity.CRITICAL, Decision.DENY, "because")
    tool = policy.finding(PolicyRule.TOOL_NOT_ALLOWED, "because")
    assert tool.severity is DEFAULT_SEVERITIES[PolicyRule.TOOL_NOT_ALLOWED]
