"""What the rules read of a block's rows; what cannot be read refuses the whole record."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

import msgspec

from schemas.block import Block, Kind, Segment
from schemas.errors import InvalidMessageError
from schemas.messages.cost import MAX_AMOUNT
from schemas.messages.values import Severity
from schemas.stamps import event_id
from schemas.timestamps import check_storable

CLASSES = 8

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WITHOUT_ZONE = _EPOCH.replace(tzinfo=None)
_SECONDS_A_DAY = 86_400

# The end of the year 2261, the last that the tables can hold; milliseconds.
_LAST_MOMENT = 9_214_646_399_999


class LogRow(msgspec.Struct, gc=False, rename={"word": "level"}):
    """A log entry; its level is plain text, so that a level of a later version is neutral, not an error."""

    word: str
    timestamp: datetime | None = None


class HeartbeatRow(msgspec.Struct, gc=False, rename={"word": "status"}):
    """A heartbeat; its status is plain text for the same reason."""

    word: str
    timestamp: datetime | None = None


# A row of which one word decides.
WordRow = LogRow | HeartbeatRow


class MetricsRow(msgspec.Struct, gc=False):
    """A metrics report: what the agent says of its own trust, an observation and never an input."""

    reported_trust: float | None = None


class ViolationRow(msgspec.Struct, gc=False):
    """A reported violation."""

    violation_type: str
    severity: Severity
    description: str = ""
    timestamp: datetime | None = None


class EventRow(msgspec.Struct, gc=False):
    """A step of a run; its type is plain text, so that a type of a later version is only a sign of life."""

    event_type: str
    tool_name: str = ""
    model: str = ""
    action: str = ""
    decision: str = ""
    success: bool | None = None
    error_type: str = ""
    latency_ms: float | None = None
    run_id: str = ""
    span_id: str = ""
    timestamp: datetime | None = None


class CostRow(msgspec.Struct, gc=False):
    """A cost entry: what it counts, how much of it, and what that was billed at or priced, if it is known."""

    metric_type: str
    amount: Decimal
    currency: str = ""
    cost: Decimal | None = None
    price_version: int | None = None
    cost_center: str = ""
    timestamp: datetime | None = None


class UnjudgedRow(msgspec.Struct, gc=False):
    """A point of a metric: a sign of life, of which nothing else is judged."""


Rows = (
    list[LogRow]
    | list[HeartbeatRow]
    | list[MetricsRow]
    | list[ViolationRow]
    | list[EventRow]
    | list[CostRow]
    | list[UnjudgedRow]
)


class SegmentEvidence(msgspec.Struct, frozen=True, gc=False):
    """One request's rows, decoded; `line` is the place of the first one in the record, from 0."""

    segment: Segment
    kind: Kind
    rows: Rows
    line: int


class EventRef(msgspec.Struct, array_like=True, frozen=True):
    """An event that a reason can name: 16 bytes of batch id, and its place in the batch."""

    batch_id: bytes
    seq: int

    @property
    def event_id(self) -> str:
        """The id as derived events show it."""
        return event_id(self.batch_id, self.seq)


def outcome_class(tool: str) -> int:
    """One of 8 classes, within which the weight of evidence saturates."""
    return crc32(tool.encode()) % CLASSES


_decode_logs = msgspec.json.Decoder(LogRow).decode_lines
_decode_heartbeats = msgspec.json.Decoder(HeartbeatRow).decode_lines
_decode_metrics = msgspec.json.Decoder(MetricsRow).decode_lines
_decode_violations = msgspec.json.Decoder(ViolationRow).decode_lines
_decode_events = msgspec.json.Decoder(EventRow).decode_lines
_decode_costs = msgspec.json.Decoder(CostRow).decode_lines
_decode_unjudged = msgspec.json.Decoder(UnjudgedRow).decode_lines


def decode_evidence(block: Block) -> list[SegmentEvidence]:
    """The rows of each segment, in order.

    Raises:
        InvalidMessageError: a row is not what its kind says, or a segment has not as many lines as its
            header says, or a time has no text. Nothing may be absorbed then.
    """
    decode = _DECODERS.get(block.kind)
    if decode is None:
        raise InvalidMessageError(f"rows of kind {block.kind} are not evidence")
    decoded = []
    line = 0
    for segment, data in block.rows_of_segments():
        try:
            rows = decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InvalidMessageError(f"a {block.kind} row of {segment.agent_key}: {error}") from error
        if len(rows) != segment.lines:
            raise InvalidMessageError(
                f"{segment.agent_key}: {len(rows)} rows, the header says {segment.lines}"
            )
        if not is_storable(segment.received_at):
            raise InvalidMessageError(
                f"{segment.agent_key}: received at {segment.received_at} ms, out of range"
            )
        decoded.append(SegmentEvidence(segment, block.kind, rows, line))
        line += segment.lines
    return decoded


def _decode_checked_violations(data: memoryview) -> list[ViolationRow]:
    """Violations are published with their time, so it has to have a text."""
    rows = _decode_violations(data)
    for row in rows:
        if row.timestamp is not None:
            check_storable(row.timestamp, "timestamp")
    return rows


def _decode_checked_costs(data: memoryview) -> list[CostRow]:
    """Amounts are added up, so they have to be numbers."""
    rows = _decode_costs(data)
    for row in rows:
        _check_amount(row.amount, "amount")
        if row.cost is not None:
            _check_amount(row.cost, "cost")
    return rows


def _check_amount(amount: Decimal, field: str) -> None:
    if not amount.is_finite() or not 0 <= amount <= MAX_AMOUNT:
        raise InvalidMessageError(f"not an amount: {amount}", field=field)


_DECODERS: dict[Kind, Callable[[memoryview], Rows]] = {
    Kind.LOG: _decode_logs,
    Kind.HEARTBEAT: _decode_heartbeats,
    Kind.METRICS: _decode_metrics,
    Kind.VIOLATION: _decode_checked_violations,
    Kind.EVENT: _decode_events,
    Kind.COST: _decode_checked_costs,
    Kind.OTEL_METRIC: _decode_unjudged,
}


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since the epoch; a moment without an offset is taken as UTC.

    The same as `schemas.timestamps.from_datetime`, at a third of the cost: this runs once an event.
    """
    since = moment - (_EPOCH if moment.tzinfo else _EPOCH_WITHOUT_ZONE)
    return (since.days * _SECONDS_A_DAY + since.seconds) * 1000 + since.microseconds // 1000


def is_storable(milliseconds: int) -> bool:
    """Whether the tables can hold the moment, and it has a text."""
    return 0 <= milliseconds <= _LAST_MOMENT


@lru_cache(maxsize=8)
def moment_of(milliseconds: int) -> datetime:
    """The moment, in UTC, of milliseconds since the epoch; remembered, as many agents ask for the same."""
    return _EPOCH + timedelta(milliseconds=milliseconds)
