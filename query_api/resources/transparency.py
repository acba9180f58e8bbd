"""What is collected of an agent, what becomes of it, and who has read it."""

from pydantic import BaseModel, Field

from query_api.resources.accesses import AccessSummary
from query_api.resources.values import Moment
from schemas.block import Kind
from schemas.messages.values import LogLevel


class Collected(BaseModel):
    """One kind of data; `interval_seconds` is the mean time between its requests of the last 24 hours."""

    kind: Kind
    rows_today: int
    rows_24_hours: int
    interval_seconds: float | None
    last_received_at: Moment | None


class Kept(BaseModel):
    """One table: after how many days rows go, and when the oldest day of this agent's rows does."""

    table: str
    kept_days: int
    oldest_received_at: Moment | None
    next_cleanup_at: Moment | None


class Transparency(BaseModel):
    """What is collected of an agent, how it is processed, how long it is kept, and who has read it lately.

    `latency` is from the newest report that a score had absorbed to the first such score. `accesses` are the
    last ones to the logs of the agent or of its whole tenant; `GET /api/v1/accesses` has all, with what was
    asked for.
    """

    tenant_id: str
    agent_id: str
    collected: list[Collected]
    records_today: int
    last_collection_at: Moment | None
    min_log_level: LogLevel = Field(description="entries below it are not kept")
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    alerts_firing: int
    alerts_24_hours: int
    kept: list[Kept]
    accesses: list[AccessSummary]
