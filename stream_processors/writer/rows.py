"""From the records of a chunk to the rows of each table, by byte ranges: no row is looked at; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from schemas.block import decode_block
from schemas.erasures import KEPT_OF_AGENTS
from schemas.errors import InvalidMessageError
from schemas.tables import EVENT_TABLES, TELEMETRY_TABLES, Table
from schemas.timestamps import from_datetime
from schemas.topics import Service, Topic
from stream_processors.writer.erasing import NOTHING_ERASED, Erasures
from stream_processors.writer.rings import Rings

_ID_HEADER = "ce_id"
_TIME_HEADER = "ce_time"


class Record(Protocol):
    """What is used of aiokafka's ConsumerRecord."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class TableRows:
    """Rows for one table: runs of whole lines, each with the record that it is from."""

    parts: list[bytes | memoryview] = field(default_factory=list)
    origins: list[Record] = field(default_factory=list)
    count: int = 0

    def add(self, record: Record, part: bytes | memoryview, lines: int) -> None:
        """Append a run of `lines` lines."""
        self.parts.append(part)
        self.origins.append(record)
        self.count += lines

    def lines(self) -> list[tuple[Record, bytes]]:
        """Each line, without its end, with its record; only for a chunk that was refused."""
        return [
            (record, line)
            for record, part in zip(self.origins, self.parts, strict=True)
            for line in bytes(part).removesuffix(b"\n").split(b"\n")
        ]


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A record that is not what its topic promises, and why."""

    record: Record
    reason: str


@dataclass(slots=True)
class ChunkRows:
    """All that comes of a chunk: rows by table, and what could not be understood.

    `newest` is the latest `received_at` in milliseconds, 0 when unknown; `repeats` counts rows left out,
    those that came too late among them, `erased` those that were erased before they were read.
    """

    tables: dict[Table, TableRows] = field(default_factory=dict)
    undecodable: list[Undecodable] = field(default_factory=list)
    newest: int = 0
    repeats: int = 0
    erased: int = 0

    def of(self, table: Table) -> TableRows:
        """The rows of a table, begun if there were none."""
        return self.tables.setdefault(table, TableRows())


def rows_of_chunk(
    topic: str, records: Iterable[Record], rings: Rings, erasures: Erasures = NOTHING_ERASED
) -> ChunkRows:
    """The rows of a chunk of `topic`, without what was erased; `rings` moves on by the chunk's records."""
    chunk = ChunkRows()
    for record in records:
        try:
            if topic == Topic.TELEMETRY:
                _add_block(chunk, record, rings, erasures)
            elif record.value is not None:
                _add_event(chunk, record, erasures)
        except InvalidMessageError as error:
            chunk.undecodable.append(Undecodable(record, str(error)))
    return chunk


def absorb_record(record: Record, rings: Rings) -> None:
    """Move `rings` on by a record whose rows are stored already."""
    try:
        block = decode_block(record.headers, record.value)
    except InvalidMessageError:
        return  # it is among the dead letters since it was first read
    if not block.is_for(Service.WRITER):
        return
    for segment in block.segments:
        rings.absorb(record.offset, record.timestamp, segment)


def _add_block(chunk: ChunkRows, record: Record, rings: Rings, erasures: Erasures) -> None:
    block = decode_block(record.headers, record.value)
    # What has no table is for the processors.
    if block.kind not in TELEMETRY_TABLES or not block.is_for(Service.WRITER):
        return
    kept: list[tuple[int, bytes | memoryview]] = []
    whole = True
    for segment, rows in block.rows_of_segments():
        if not rings.absorb(record.offset, record.timestamp, segment):
            chunk.repeats += segment.lines
            whole = False
            continue
        chunk.newest = max(chunk.newest, segment.received_at)
        if erasures.touch(segment.tenant_id, segment.agent_id, segment.received_at):
            left = erasures.kept(segment.tenant_id, segment.agent_id, segment.received_at, bytes(rows))
            kept.append((left.count(b"\n"), left))
            chunk.erased += segment.lines - kept[-1][0]
            whole = False
        else:
            kept.append((segment.lines, rows))
    table = TELEMETRY_TABLES[block.kind].table
    if whole:
        if block.value:
            chunk.of(table).add(record, block.value, sum(lines for lines, _ in kept))
        return
    for lines, part in kept:
        if lines:
            chunk.of(table).add(record, part, lines)


def _add_event(chunk: ChunkRows, record: Record, erasures: Erasures) -> None:
    derived = EVENT_TABLES[Topic(record.topic)]
    headers = dict(record.headers)
    value = record.value or b""
    try:
        found = msgspec.json.decode(value, type=derived.row)
        stamps = {"event_id": headers[_ID_HEADER].decode(), "event_time": headers[_TIME_HEADER].decode()}
        happened_at = from_datetime(datetime.fromisoformat(stamps["event_time"]))
    except (AttributeError, KeyError, ValueError, msgspec.MsgspecError) as error:
        raise InvalidMessageError(f"not a derived event: {error!r}") from error
    data = value.strip().replace(b"\n", b" ")
    owner = (getattr(found, "tenant_id", ""), getattr(found, "agent_id", ""))
    if derived.table in KEPT_OF_AGENTS:
        owner = (owner[0], "")
    if erasures.touch(*owner, happened_at, said=True):
        data = erasures.kept(*owner, happened_at, data + b"\n", said=True).strip()
    if not data:
        chunk.erased += 1
        return
    chunk.of(derived.table).add(record, b"%b,%b\n" % (msgspec.json.encode(stamps)[:-1], data[1:]), 1)
