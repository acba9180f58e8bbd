"""Whether an agent is there."""

from enum import StrEnum

from pydantic import BaseModel, Field

from query_api.resources.values import Moment
from schemas.derived import OnlineStatus, TrustLevel, TrustStatus


class StatusName(StrEnum):
    """The statuses of agent-status, and `unknown` for an agent that has not reported yet."""

    ONLINE = OnlineStatus.ONLINE
    DEGRADED = OnlineStatus.DEGRADED
    OFFLINE = OnlineStatus.OFFLINE
    SUSPENDED = OnlineStatus.SUSPENDED
    UNKNOWN = "unknown"


class TrustSummary(BaseModel):
    """Trust in short; `/trust` has the reasons."""

    score: float = Field(ge=0, le=100)
    level: TrustLevel
    status: TrustStatus
    as_of: Moment


class Counts(BaseModel):
    """How many of each came in the last 24 hours."""

    heartbeats: int
    metrics: int
    violations: int
    logs: int
    events: int
    costs: int
    otel_metrics: int


class AgentStatusReport(BaseModel):
    """An agent's status, since when and why, its last sign of life, its trust, and how busy it is."""

    agent_id: str
    tenant_id: str
    status: StatusName
    since: Moment | None
    reason: str | None
    last_seen_at: Moment | None
    trust: TrustSummary | None
    last_24_hours: Counts
