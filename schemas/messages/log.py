"""A log entry of an agent."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from schemas.messages.values import LogLevel, LongText, Moment
from schemas.nesting import check_nesting
from schemas.timestamps import check_storable


class LogPayload(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """`POST /api/v1/agents/logs`; `context` is free JSON."""

    agent_id: str
    level: LogLevel
    message: LongText
    context: Any = None
    governance_event: bool = False
    timestamp: Moment | None = None


class LogRow(msgspec.Struct, omit_defaults=True):
    """A row of `agent_logs` beside its stamps; `context` is kept as JSON text.

    What follows `timestamp` comes with OpenTelemetry only; `severity_number` is as in its data model.
    """

    FREE_TEXT: ClassVar[tuple[str, ...]] = ("message", "context", "event_name", "resource_attributes")

    level: LogLevel
    message: str
    context: Any = None
    governance_event: bool = False
    timestamp: datetime | None = None
    severity_number: int = 0
    severity_text: str = ""
    event_name: str = ""
    trace_id: str = ""
    span_id: str = ""
    service_name: str = ""
    scope_name: str = ""
    resource_attributes: dict[str, Any] = {}


def to_row(payload: LogPayload) -> LogRow:
    """The row of a log entry.

    Raises:
        InvalidMessageError: a date that cannot be stored, or a context that is nested too deep.
    """
    if payload.context is not None:
        check_nesting(payload.context, "context")
    if payload.timestamp is not None:
        check_storable(payload.timestamp, "timestamp")
    return LogRow(
        payload.level, payload.message, payload.context, payload.governance_event, payload.timestamp
    )
