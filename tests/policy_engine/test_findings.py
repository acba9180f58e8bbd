"""The strictest counts."""

import pytest

from policy_engine.findings import Decision, Finding, verdict_of
from schemas.messages.values import Severity
from schemas.policy import PolicyRule

ALLOW, ASK, DENY = Decision


def finding(decision: Decision) -> Finding:
    return Finding("build", 1, PolicyRule.TOOL_NOT_ALLOWED, Severity.LOW, decision, "because")


@pytest.mark.parametrize(
    ("decisions", "verdict"),
    [([], ALLOW), ([ASK], ASK), ([DENY], DENY), ([ASK, DENY], DENY), ([DENY, ASK], DENY), ([ASK, ASK], ASK)],
)
def test_the_strictest_finding_decides(decisions: list[Decision], verdict: Decision) -> None:
    findings = [finding(decision) for decision in decisions]
    assert verdict_of(findings) == (verdict, findings)
