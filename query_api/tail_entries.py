"""Rows of the telemetry topic as entries of a live tail: as a search would show them, once it can."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from schemas.messages.values import LogLevel
from schemas.timestamps import from_datetime, to_rfc3339


class ReportedLog(msgspec.Struct):
    """Of a stamped log row what a tail shows or chooses by."""

    agent_id: str
    received_at: str
    batch_id: str
    seq: int
    level: LogLevel
    message: str
    context: Any = None
    governance_event: bool = False
    timestamp: datetime | None = None
    trace_id: str = ""
    span_id: str = ""


class TailEntry(msgspec.Struct):
    """What `LogEntry` of the search has, in its order."""

    event_id: str
    agent_id: str
    timestamp: str
    received_at: str
    level: LogLevel
    message: str
    context: Any
    governance_event: bool
    trace_id: str | None
    span_id: str | None


_decoder = msgspec.json.Decoder(ReportedLog)
_encode = msgspec.json.Encoder().encode


def read_logs(lines: memoryview) -> Iterator[ReportedLog]:
    """The rows of a segment.

    Raises:
        msgspec.MsgspecError: they are none, and so among the dead letters.
    """
    for line in bytes(lines).removesuffix(b"\n").split(b"\n"):
        yield _decoder.decode(line)


def encode_entry(log: ReportedLog) -> bytes:
    """A row as JSON on one line."""
    moment = log.received_at if log.timestamp is None else to_rfc3339(from_datetime(log.timestamp))
    return _encode(
        TailEntry(
            event_id=f"{log.batch_id}:{log.seq}",
            agent_id=log.agent_id,
            timestamp=moment,
            received_at=log.received_at,
            level=log.level,
            message=log.message,
            context=log.context,
            governance_event=log.governance_event,
            trace_id=log.trace_id or None,
            span_id=log.span_id or None,
        )
    )
