"""A call of a tool that an agent might make, and what the policies say to it."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from policy_engine.facts import Call, Facts
from policy_engine.findings import Decision, Finding, Verdict
from query_api.resources.policies import Money, NewPolicy
from query_api.resources.values import Id
from schemas.messages.cost import cost_units
from schemas.messages.values import Severity
from schemas.policy import PolicyRule

_EXAMPLE: dict[str, Any] = {
    "agent_id": "build-1",
    "tool": "github",
    "action": "delete_branch",
    "spent_today": {"amount": "3.50", "currency": "USD"},
}


class CallTrial(BaseModel):
    """A call to be judged; `policy` is tried beside the tenant's, or in the place of the one with its id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    agent_id: Id
    tool: str = Field(max_length=256, examples=["github"])
    action: str = Field(default="", max_length=256)
    spent_today: Money | None = Field(default=None, description="what the agent has spent; null is nothing")
    policy: NewPolicy | None = None

    def call(self) -> Call:
        """The call, for the engine."""
        return Call(self.tool, self.action)

    def facts(self) -> Facts:
        """What is known of the agent, for the engine."""
        spent = self.spent_today
        return Facts({} if spent is None else {spent.currency: cost_units(spent.amount)})


class RuleFinding(BaseModel):
    """A rule of a policy that speaks against the call."""

    policy_id: str
    policy_version: int = Field(description="of a policy that is only tried: the one that it would have")
    rule: PolicyRule
    severity: Severity
    decision: Decision
    explanation: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """The same, as an answer."""
        return cls(
            policy_id=finding.policy_id,
            policy_version=finding.policy_version,
            rule=finding.rule,
            severity=finding.severity,
            decision=finding.decision,
            explanation=finding.explanation,
        )


class CallVerdict(BaseModel):
    """What would become of the call: the strictest that any finding asks for."""

    decision: Decision
    findings: list[RuleFinding]

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """The same, as an answer."""
        findings = [RuleFinding.of(finding) for finding in verdict.findings]
        return cls(decision=verdict.decision, findings=findings)
