"""What rules find, and what follows from all that they found."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from schemas.messages.values import Severity
from schemas.policy import PolicyRule


class Decision(StrEnum):
    """What becomes of a call, mildest first."""

    ALLOW = "allow"
    NEEDS_APPROVAL = "needs_approval"
    DENY = "deny"


# What follows when a rule speaks against a call.
DECISIONS = {
    PolicyRule.TOOL_NOT_ALLOWED: Decision.DENY,
    PolicyRule.ACTION_NOT_ALLOWED: Decision.DENY,
    PolicyRule.DAILY_COST_CAP: Decision.DENY,
    PolicyRule.HIGH_RISK_ACTION: Decision.NEEDS_APPROVAL,
}


class Finding(msgspec.Struct, frozen=True):
    """A rule of a policy, in one of its versions, speaks against something; `explanation` is for people."""

    policy_id: str
    policy_version: int
    rule: PolicyRule
    severity: Severity
    decision: Decision
    explanation: str


class Verdict(NamedTuple):
    """A decision with all that speaks against allowing."""

    decision: Decision
    findings: Sequence[Finding]


_BY_STRICTNESS = tuple(Decision)


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """The strictest of the findings' decisions; without any it is to allow."""
    decisions = [finding.decision for finding in findings]
    return Verdict(max(decisions, key=_BY_STRICTNESS.index, default=Decision.ALLOW), findings)
