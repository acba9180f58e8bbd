"""Whether an agent is there."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from query_api.resources.values import Moment
from schemas.derived import OnlineStatus, TrustLevel, TrustStatus


class StatusName(StrEnum):
    """The statuses of agent-status, and `unknown` for an agent that has not reported yet."""

    ONLINE = OnlineStatus.ONLINE
    DEGRADED = OnlineStatus.DEGRADED
    OFFLINE = OnlineStatus.OFFLINE
    SUSPENDED = OnlineStatus.SUSPENDED
    UNKNOWN = "unknown"


class SuspensionDetails(BaseModel):
    """An agent's last suspension: it lasts while `resumed_at` is null."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"resumed_at": None, "resumed_by": None}]})

    suspended_at: Moment
    suspended_by: str = Field(description="an operator's id", examples=["ada"])
    reason: str = Field(examples=["sends mail to customers: INC-4711"])
    resumed_at: Moment | None
    resumed_by: str | None


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
    """An agent's status, since when and why, its last sign of life, its trust, and how busy it is.

    It is `suspended` as soon as an operator says so; all else is as it was published last.
    """

    agent_id: str
    tenant_id: str
    status: StatusName
    since: Moment | None
    reason: str | None
    last_seen_at: Moment | None
    trust: TrustSummary | None
    suspension: SuspensionDetails | None
    last_24_hours: Counts
