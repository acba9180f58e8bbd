"""Alerts."""

from pydantic import BaseModel, Field

from query_api.resources.values import Id, Moment, PageParameters
from schemas.derived import AlertChange, AlertState
from schemas.messages.values import Severity


class AlertParameters(PageParameters):
    """Which alerts: `severity` may be given several times, and is that of the last change."""

    state: AlertState | None = None
    severity: list[Severity] = Field(default=[], description="any of these")
    rule: str | None = Field(default=None, max_length=256, examples=["agent_offline"])
    agent: Id | None = None
    silenced: bool | None = Field(default=None, description="whether a silence held at the last change")


class AlertDetails(BaseModel):
    """An alert as it stands; `fingerprint` is the same over all its changes.

    `evidence` are event ids, the newest first, and `evidence_path` is where this API shows what lies behind.
    """

    fingerprint: str
    agent_id: str
    rule: str
    state: AlertState
    severity: Severity
    summary: str
    started_at: Moment
    ended_at: Moment | None
    changed_at: Moment
    evidence: list[str]
    evidence_path: str = Field(examples=["/api/v1/violations?agent=scout-1"])
    change: AlertChange | None
    rule_version: int = Field(description="0 for a default, a budget, and where the rule is gone")
    metric: str
    value: float | None = Field(description="what the metric came to at the last change")
    threshold: float | None = Field(description="what it was compared with")
    count: int = Field(description="how often it was found met in this life, as something new had come")
    first_seen_at: Moment | None
    last_seen_at: Moment | None
    silenced_by: str = Field(description="the id of the silence that held at the last change, or empty")


class AlertPage(BaseModel):
    """A page of alerts, the one that changed last first."""

    alerts: list[AlertDetails]
    next_cursor: str | None
