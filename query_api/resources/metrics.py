"""Reports of an agent about itself."""

from pydantic import BaseModel, Field

from query_api.resolution import AskedResolution
from query_api.resources.values import Moment, Parameters, TimeRange


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


class SeriesParameters(TimeRange, Parameters):
    """Which time, the last day if nothing is said, and how fine."""

    resolution: AskedResolution = Field(
        default=AskedResolution.AUTO,
        description="`auto`: raw up to ten minutes, 1m up to twelve hours, 1h up to 31 days, then 1d",
    )


class MetricsPoint(BaseModel):
    """What was counted in a bucket, which begins at `time`; percentiles are null for raw reports."""

    time: Moment
    reports: int
    interactions: int
    violations: int
    response_time_avg_ms: float
    response_time_max_ms: float
    response_time_p50_ms: float | None
    response_time_p95_ms: float | None
    response_time_p99_ms: float | None


class MetricsSeries(BaseModel):
    """A time series, oldest first; buckets without a report are left out."""

    agent_id: str
    resolution: AskedResolution
    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    points: list[MetricsPoint]
