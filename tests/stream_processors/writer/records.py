"""Records as the consumer gives them, for tests without a broker."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.block import Kind, Segment, encode_headers
from schemas.topics import Topic

# The Kafka timestamp of records, milliseconds.
NOW = 2000


@dataclass(slots=True)
class FakeRecord:
    """A record of partition 2."""

    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    key: bytes | None = None
    timestamp: int = NOW
    topic: str = Topic.TELEMETRY
    partition: int = 2


def segment(agent: str, batch: int, rows: bytes, *, keyed: bool = True) -> Segment:
    """A request's share of a block; `batch` stands for a batch id."""
    return Segment("default", agent, batch.to_bytes(16), keyed, rows.count(b"\n"), len(rows), 1000 + batch)


def block(offset: int, kind: Kind, *segments: tuple[Segment, bytes]) -> FakeRecord:
    """A telemetry record of these segments with their rows."""
    headers = encode_headers(kind, [s for s, _ in segments])
    return FakeRecord(offset, b"".join(rows for _, rows in segments), headers)


def log_block(offset: int, agent: str, batch: int, rows: bytes, *, keyed: bool = True) -> FakeRecord:
    """A log record of one request."""
    return block(offset, Kind.LOG, (segment(agent, batch, rows, keyed=keyed), rows))
