"""Governance metrics: what an agent counted since its last report, and its own opinion of itself."""

from datetime import datetime
from typing import ClassVar

import msgspec

from schemas.messages.values import Count, Moment, NonNegative, ShortText
from schemas.messages.violation import ViolationBody, ViolationRow, body_to_row
from schemas.timestamps import check_storable


class MetricValues(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The numbers; `response_time` in milliseconds, `uptime` in seconds, `trust_score` the agent's claim."""

    interactions: Count
    response_time: NonNegative
    trust_score: float | None = None
    violations: list[ViolationBody] = []
    uptime: NonNegative | None = None


class Environment(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Where the agent runs."""

    platform: ShortText = ""
    version: ShortText = ""
    location: ShortText = ""


class MetricsPayload(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """`POST /api/v1/governance/metrics`."""

    agent_id: str
    metrics: MetricValues
    governance_identity: ShortText = ""
    timestamp: Moment | None = None
    environment: Environment | None = None


class MetricsRow(msgspec.Struct, omit_defaults=True):
    """A row of `agent_metrics` beside its stamps."""

    FREE_TEXT: ClassVar[tuple[str, ...]] = ("platform", "location")

    interactions: int
    response_time_ms: float
    reported_trust: float | None = None
    violations_count: int = 0
    uptime_seconds: float | None = None
    platform: str = ""
    version: str = ""
    location: str = ""
    timestamp: datetime | None = None


def to_row(payload: MetricsPayload) -> MetricsRow:
    """The row of a metrics report, without its violations.

    Raises:
        InvalidMessageError: a date that cannot be stored.
    """
    if payload.timestamp is not None:
        check_storable(payload.timestamp, "timestamp")
    values = payload.metrics
    environment = payload.environment or Environment()
    return MetricsRow(
        interactions=values.interactions,
        response_time_ms=values.response_time,
        reported_trust=values.trust_score,
        violations_count=len(values.violations),
        uptime_seconds=values.uptime,
        platform=environment.platform,
        version=environment.version,
        location=environment.location,
        timestamp=payload.timestamp,
    )


def violation_rows(payload: MetricsPayload) -> list[ViolationRow]:
    """The violations that a metrics report carries, each as a row of its own."""
    return [body_to_row(body, payload.timestamp) for body in payload.metrics.violations]
