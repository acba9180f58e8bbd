"""Decisions of policy as they are shown."""

from pydantic import BaseModel, ConfigDict, Field

from policy_engine.findings import Decision
from query_api.queries.decisions import DecisionSource
from query_api.resources.values import Id, Moment, PreciseMoment, RangeParameters
from schemas.messages.values import Severity
from schemas.policy import PolicyRule


class DecisionParameters(RangeParameters):
    """Which decisions: the last day's if nothing is said; `decision` may be given several times."""

    source: DecisionSource | None = Field(default=None, description="whose decisions")
    decision: list[Decision] = Field(default=[], description="any of these")
    agent: Id | None = None
    policy: Id | None = Field(default=None, description="found by this policy")


class PolicyDecision(BaseModel):
    """A decision; what is not known of it is null.

    Of `source` `policy`: what a policy would have decided on a call, found afterwards in what the agent
    reported, so that nobody was stopped by it. Of `source` `agent`: what an agent reports that was decided,
    in its own `word`; `decision` is null where that is none of the usual ones. `evidence` are event ids.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "6f1c9a52-0b7e-5d7c-8a3e-2c4d6e8f0a1b",
                    "decision": "deny",
                    "word": None,
                    "tool_name": None,
                    "action": None,
                    "run_id": None,
                    "severity": "high",
                }
            ]
        }
    )

    id: str
    source: DecisionSource
    agent_id: str
    decided_at: PreciseMoment
    decision: Decision | None
    word: str | None
    tool_name: str | None
    action: str | None
    run_id: str | None
    policy_id: str | None
    policy_version: int | None
    rule: PolicyRule | None
    severity: Severity | None
    explanation: str | None
    evidence: list[str]


class DecisionPage(BaseModel):
    """A page of decisions, the newest first, from the time range that was looked at."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    decisions: list[PolicyDecision]
    next_cursor: str | None
