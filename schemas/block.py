"""A record on the telemetry topic: an NDJSON block of rows of one kind, and the header that says whose."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

import msgspec

from schemas.errors import InvalidMessageError
from schemas.topics import Service

BLOCK_VERSION = b"1"

HEADER_KIND = "kind"
HEADER_VERSION = "version"
HEADER_SEGMENTS = "segments"
# Only on what is sent again from the dead letters: the one reader that lacks it. All others skip the record.
HEADER_READER = "reader"
# And there too: which dead letter it was.
HEADER_REPLAY = "replay"
BLOCK_HEADERS = frozenset({HEADER_KIND, HEADER_VERSION, HEADER_SEGMENTS, HEADER_READER, HEADER_REPLAY})

# A request's rows of one kind fit into one record, else 413; max.message.bytes leaves room for a block.
MAX_SEGMENT_BYTES = 8 * 1024 * 1024

BATCH_ID_BYTES = 16

# From a request to its record. Readers remember an agent's keyed batches for longer than this, so a gateway
# that hung with a block in its hands cannot store anew what the agent has repeated elsewhere meanwhile.
LATEST_APPEND_MS = 20_000


class Kind(StrEnum):
    """What the rows of a block are; all but those that processors write, the last three, have a table."""

    HEARTBEAT = "heartbeat"
    METRICS = "metrics"
    VIOLATION = "violation"
    LOG = "log"
    EVENT = "event"
    COST = "cost"
    OTEL_METRIC = "otel_metric"
    TICK = "tick"
    CONTROL = "control"
    TOTALS = "totals"


class Segment(msgspec.Struct, frozen=True, array_like=True):
    """One request's share of a block.

    `batch_id` is 16 bytes; `keyed` says that it comes from the client's Idempotency-Key; `size` counts bytes,
    the final newline included; `received_at` is in milliseconds since the epoch; `traceparent` is the
    request's, as W3C Trace Context writes it, or empty.
    """

    tenant_id: str
    agent_id: str
    batch_id: bytes
    keyed: bool
    lines: int
    size: int
    received_at: int
    traceparent: str = ""

    @property
    def agent_key(self) -> str:
        """`tenant/agent`, the key of the agent's state and of its derived records."""
        return f"{self.tenant_id}/{self.agent_id}"

    def is_too_late(self, appended_at: int) -> bool:
        """Whether a keyed batch does not count because of when its record came into the log.

        `appended_at` is the record's Kafka timestamp in milliseconds: readers see it in the record, the
        gateway in the broker's answer, so both decide alike, and nothing is acknowledged that is left out.
        """
        return self.keyed and appended_at - self.received_at > LATEST_APPEND_MS


class Block(msgspec.Struct, frozen=True):
    """A decoded record: `value` holds the segments' rows one after the other, one JSON object a line.

    `reader` is the only reader that it is for, None where it is for all.
    """

    kind: Kind
    segments: tuple[Segment, ...]
    value: bytes
    reader: Service | None = None

    def is_for(self, reader: Service) -> bool:
        """Whether this reader takes the record."""
        return self.reader is None or self.reader is reader

    def rows_of_segments(self) -> Iterator[tuple[Segment, memoryview]]:
        """Each segment with its bytes, in order; a view, nothing is copied."""
        view = memoryview(self.value)
        start = 0
        for segment in self.segments:
            yield segment, view[start : start + segment.size]
            start += segment.size


_segments_encoder = msgspec.msgpack.Encoder()
_segments_decoder = msgspec.msgpack.Decoder(tuple[Segment, ...])


def encode_headers(kind: Kind, segments: Sequence[Segment]) -> list[tuple[str, bytes]]:
    """The Kafka headers of a block."""
    return [
        (HEADER_KIND, kind.value.encode()),
        (HEADER_VERSION, BLOCK_VERSION),
        (HEADER_SEGMENTS, _segments_encoder.encode(segments)),
    ]


def decode_block(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> Block:
    """Read a record of the telemetry topic.

    Raises:
        InvalidMessageError: a header is missing or unknown, or segments and value do not fit together.
    """
    # A foreign producer may send a header without a value, which then is None.
    found = {name: text or b"" for name, text in headers}
    if found.get(HEADER_VERSION) != BLOCK_VERSION:
        raise InvalidMessageError(
            f"unknown block version {found.get(HEADER_VERSION)!r}", field=HEADER_VERSION
        )
    try:
        kind = Kind(found.get(HEADER_KIND, b"").decode())
        segments = _segments_decoder.decode(found.get(HEADER_SEGMENTS, b""))
        reader = Service(found[HEADER_READER].decode()) if HEADER_READER in found else None
    except (ValueError, msgspec.MsgspecError) as error:
        raise InvalidMessageError(f"unreadable header: {error}") from error
    block = Block(kind, segments, value or b"", reader)
    _check_sizes(block)
    return block


def _check_sizes(block: Block) -> None:
    value, end = block.value, 0
    cut_lines = False
    for segment in block.segments:
        if segment.size < 0 or segment.lines < 0 or len(segment.batch_id) != BATCH_ID_BYTES:
            raise InvalidMessageError("a segment has an impossible size or batch id", field=HEADER_SEGMENTS)
        end += segment.size
        if segment.size and value[end - 1 : end] != b"\n":
            cut_lines = True
    if end != len(value):
        raise InvalidMessageError(
            f"the segments say {end} bytes, the value has {len(value)}", field=HEADER_SEGMENTS
        )
    if cut_lines:
        raise InvalidMessageError("a segment does not end with its line", field=HEADER_SEGMENTS)
