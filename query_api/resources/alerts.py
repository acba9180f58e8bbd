"""Alerts."""

from pydantic import BaseModel, Field

from query_api.resources.values import Id, Moment, PageParameters
from schemas.derived import AlertState
from schemas.messages.values import Severity


class AlertParameters(PageParameters):
    """Which alerts."""

    state: AlertState | None = None
    rule: str | None = Field(default=None, max_length=256, examples=["agent-offline"])
    agent: Id | None = None


class AlertDetails(BaseModel):
    """An alert as it stands; `fingerprint` is the same over all its changes, `evidence` are event ids."""

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


class AlertPage(BaseModel):
    """A page of alerts, the one that changed last first."""

    alerts: list[AlertDetails]
    next_cursor: str | None
