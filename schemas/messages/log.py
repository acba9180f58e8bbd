"""A log entry of an agent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from schemas.messages.values import LogLevel, LongText, Moment
from schemas.nesting import check_nesting, check_nesting_of_all
from schemas.timestamps import check_storable, check_storable_years


class LogPayload(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """`POST /api/v1/agents/logs`; `context` is free JSON."""

    agent_id: str
    level: LogLevel
    message: LongText
    context: Any = None
    governance_event: bool = False
    timestamp: Moment | None = None


class ReportedLogRow(msgspec.Struct, omit_defaults=True):
    """A row of `agent_logs` beside its stamps, as an entry of our own route gives it.

    `context` is kept as JSON text. It has the fields of that route only, as each costs time on each row.
    """

    FREE_TEXT: ClassVar[tuple[str, ...]] = ("message", "context")

    level: LogLevel
    message: str
    context: Any = None
    governance_event: bool = False
    timestamp: datetime | None = None


class LogRow(ReportedLogRow, omit_defaults=True):
    """A row with all that it may have.

    What is added comes with OpenTelemetry only; `severity_number` is as in its data model.
    """

    FREE_TEXT: ClassVar[tuple[str, ...]] = ("message", "context", "event_name", "resource_attributes")

    severity_number: int = 0
    severity_text: str = ""
    event_name: str = ""
    trace_id: str = ""
    span_id: str = ""
    service_name: str = ""
    scope_name: str = ""
    resource_attributes: dict[str, Any] = {}


def to_row(payload: LogPayload) -> ReportedLogRow:
    """The row of a log entry.

    Raises:
        InvalidMessageError: a date that cannot be stored, or a context that is nested too deep.
    """
    if payload.context is not None:
        check_nesting(payload.context, "context")
    if payload.timestamp is not None:
        check_storable(payload.timestamp, "timestamp")
    return ReportedLogRow(
        payload.level, payload.message, payload.context, payload.governance_event, payload.timestamp
    )


def to_rows(payloads: Sequence[LogPayload]) -> list[ReportedLogRow]:
    """`to_row` of many entries, checked all together: in half of the time.

    Raises:
        InvalidMessageError: one has a date that cannot be stored, or a context that is nested too deep.
    """
    check_nesting_of_all([entry.context for entry in payloads if entry.context is not None], "context")
    check_storable_years({entry.timestamp.year for entry in payloads if entry.timestamp}, "timestamp")
    return [
        ReportedLogRow(entry.level, entry.message, entry.context, entry.governance_event, entry.timestamp)
        for entry in payloads
    ]
