"""What the rules read of a block's rows, and which of it counts as a success or a failure."""

from datetime import UTC, datetime
from typing import NamedTuple
from zlib import crc32

import msgspec

from schemas.block import Block, Kind, Segment
from schemas.errors import InvalidMessageError
from schemas.messages.values import AgentHealth, LogLevel, Severity
from schemas.stamps import event_id
from schemas.timestamps import check_storable

# Everything that the reporting routes bring is the agent's own word.
SELF_REPORTED_WEIGHT = 0.5

_CLASSES = 8
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
OutcomeRow = LogRow | HeartbeatRow


class MetricsRow(msgspec.Struct, gc=False):
    """A metrics report: what the agent says of its own trust, an observation and never an input."""

    reported_trust: float | None = None


class ViolationRow(msgspec.Struct, gc=False):
    """A reported violation."""

    violation_type: str
    severity: Severity
    description: str = ""
    timestamp: datetime | None = None


class UnjudgedRow(msgspec.Struct, gc=False):
    """An event, a cost entry or a metric's point: a sign of life, of which nothing else is judged yet."""


Rows = list[LogRow] | list[HeartbeatRow] | list[MetricsRow] | list[ViolationRow] | list[UnjudgedRow]


class SegmentEvidence(NamedTuple):
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


# True: a success, False: a failure. Other words (debug, warn, active, inactive) say nothing about how work
# went; were `active` a success, an agent that fails at all it does would be held up by its own heartbeats.
OUTCOMES: dict[str, bool] = {
    LogLevel.INFO.value: True,
    LogLevel.ERROR.value: False,
    AgentHealth.ERROR.value: False,
}


def outcome_class(tool: str) -> int:
    """One of 8 classes, within which the weight of evidence saturates."""
    return crc32(tool.encode()) % _CLASSES


# The reporting kinds name no tool, so each kind that brings outcomes is a class of its own.
OUTCOME_CLASSES = {kind: outcome_class(kind.value) for kind in (Kind.LOG, Kind.HEARTBEAT)}

_decode_logs = msgspec.json.Decoder(LogRow).decode_lines
_decode_heartbeats = msgspec.json.Decoder(HeartbeatRow).decode_lines
_decode_metrics = msgspec.json.Decoder(MetricsRow).decode_lines
_decode_violations = msgspec.json.Decoder(ViolationRow).decode_lines
_decode_unjudged = msgspec.json.Decoder(UnjudgedRow).decode_lines

_UNJUDGED = frozenset({Kind.EVENT, Kind.COST, Kind.OTEL_METRIC})


def decode_evidence(block: Block) -> list[SegmentEvidence]:
    """The rows of each segment, in order.

    Raises:
        InvalidMessageError: a row is not what its kind says, or a segment has not as many lines as its
            header says, or a time has no text. Nothing may be absorbed then.
    """
    decoded = []
    line = 0
    for segment, data in block.rows_of_segments():
        try:
            rows = _decode(block.kind, data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InvalidMessageError(f"a {block.kind} row of {segment.agent_key}: {error}") from error
        if len(rows) != segment.lines:
            raise InvalidMessageError(
                f"{segment.agent_key}: {len(rows)} rows, the header says {segment.lines}"
            )
        if not 0 <= segment.received_at <= _LAST_MOMENT:
            raise InvalidMessageError(
                f"{segment.agent_key}: received at {segment.received_at} ms, out of range"
            )
        decoded.append(SegmentEvidence(segment, block.kind, rows, line))
        line += segment.lines
    return decoded


def _decode(kind: Kind, data: memoryview) -> Rows:
    if kind is Kind.LOG:
        return _decode_logs(data)
    if kind is Kind.HEARTBEAT:
        return _decode_heartbeats(data)
    if kind is Kind.METRICS:
        return _decode_metrics(data)
    if kind is Kind.VIOLATION:
        return _check_times(_decode_violations(data))
    if kind in _UNJUDGED:
        return _decode_unjudged(data)
    raise InvalidMessageError(f"rows of kind {kind} are not evidence")


def _check_times(rows: list[ViolationRow]) -> list[ViolationRow]:
    """Violations are published with their time, so it has to have a text."""
    for row in rows:
        if row.timestamp is not None:
            check_storable(row.timestamp, "timestamp")
    return rows


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since the epoch; a moment without an offset is taken as UTC.

    The same as `schemas.timestamps.from_datetime`, at a third of the cost: this runs once an event.
    """
    since = moment - (_EPOCH if moment.tzinfo else _EPOCH_WITHOUT_ZONE)
    return (since.days * _SECONDS_A_DAY + since.seconds) * 1000 + since.microseconds // 1000
