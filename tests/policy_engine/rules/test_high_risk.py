"""High-risk actions of agents that need approval."""

import pytest

from policy_engine.facts import Call
from policy_engine.findings import Decision
from policy_engine.rules.high_risk import high_risk_action
from schemas.policy import HighRiskAction, PolicyRule, PolicyTerms
from tests.policy_engine.policies import compiled

RISKS = (HighRiskAction("github", "delete_*"), HighRiskAction("payments"), HighRiskAction(action="drop"))


@pytest.mark.parametrize(
    "call",
    [Call("github", "delete_repo"), Call("payments", "refund"), Call("payments"), Call("db", "drop")],
)
def test_approval_is_asked_for_below_tier_three_only(call: Call) -> None:
    finding = high_risk_action(compiled(PolicyTerms(autonomy_tier=2, high_risk_actions=RISKS)), call)
    assert finding is not None
    assert (finding.rule, finding.decision) == (PolicyRule.HIGH_RISK_ACTION, Decision.NEEDS_APPROVAL)
    assert repr(call.tool) in finding.explanation
    assert "the autonomy tier is 2, not 3 or more" in finding.explanation
    assert high_risk_action(compiled(PolicyTerms(autonomy_tier=3, high_risk_actions=RISKS)), call) is None


@pytest.mark.parametrize("call", [Call("github", "comment"), Call("github"), Call("search", "delete_all")])
def test_nobody_asks_about_other_actions(call: Call) -> None:
    assert high_risk_action(compiled(PolicyTerms(high_risk_actions=RISKS)), call) is None
