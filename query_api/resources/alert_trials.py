"""A rule that is tried on what is stored, and the alerts that it would have fired."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from query_api.resources.alert_rules import AlertRuleBody
from query_api.resources.values import Moment
from schemas.messages.values import Severity

_EXAMPLE: dict[str, Any] = {
    "hours": 24,
    "rule": {"metric": "error_rate", "condition": {"kind": "threshold", "value": 0.2}},
}


class RuleTrial(BaseModel):
    """A rule, and how far back it is tried."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    rule: AlertRuleBody
    hours: int = Field(default=24, strict=True, ge=1, le=168, description="up to now")


class TrialAlert(BaseModel):
    """An alert that would have fired; `resolved_at` is null where it would fire now."""

    fired_at: Moment
    resolved_at: Moment | None
    severity: Severity = Field(description="at its worst")
    value: float | None = Field(description="what the metric came to as it fired")
    threshold: float | None = Field(description="what it was compared with")


class AgentTrial(BaseModel):
    """An agent's alerts, oldest first; those of a rule over many agents are of an empty id."""

    agent_id: str
    alerts: list[TrialAlert]


class TrialResult(BaseModel):
    """Agents that would have fired, by id; `agents_with_data` is of how many anything was found.

    Of a rule over many agents these count as one.
    """

    start: Moment
    end: Moment
    agents_with_data: int
    agents: list[AgentTrial]
