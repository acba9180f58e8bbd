"""Violations of policy."""

from pydantic import BaseModel, Field

from query_api.resources.values import Id, Moment, RangeParameters
from schemas.derived import ViolationSource
from schemas.messages.values import Severity


class ViolationParameters(RangeParameters):
    """Which violations: `severity` may be given several times; the range is about `found_at`."""

    severity: list[Severity] = Field(default=[], description="any of these")
    source: ViolationSource | None = Field(default=None, description="who found it")
    agent: Id | None = None
    rule: str | None = Field(default=None, max_length=256, examples=["tool_not_allowed"])
    policy: Id | None = Field(default=None, description="the policy that found it")


class Violation(BaseModel):
    """One violation; `evidence` are event ids. One that was detected names the policy that found it."""

    event_id: str
    agent_id: str
    found_at: Moment
    occurred_at: Moment
    rule: str
    severity: Severity
    source: ViolationSource
    description: str
    evidence: list[str]
    policy_id: str
    policy_version: int


class ViolationPage(BaseModel):
    """A page of violations, the one found last first."""

    violations: list[Violation]
    next_cursor: str | None
