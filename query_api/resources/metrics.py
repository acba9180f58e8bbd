"""Reports of an agent about itself."""

from pydantic import BaseModel

from query_api.resources.values import Moment


class MetricsEntry(BaseModel):
    """One report; `reported_trust` is the agent's own claim."""

    event_id: str
    timestamp: Moment
    received_at: Moment
    interactions: int
    response_time_ms: float
    reported_trust: float | None
    violations_count: int
    uptime_seconds: float | None
    platform: str
    version: str
    location: str


class MetricsPage(BaseModel):
    """A page of reports, newest first."""

    metrics: list[MetricsEntry]
    next_cursor: str | None
