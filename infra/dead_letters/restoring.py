"""From a dead letter to the record that its reader lacks, and to no more than that; pure.

Readers leave out keyed batches that came before, or too late. What is sent again is therefore unkeyed; its
rows keep their bytes, and so their batch ids: an event that is sent again has the id that it had.
"""

from collections.abc import Container
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from infra.dead_letters.letter import Letter
from schemas.block import (
    BLOCK_HEADERS,
    HEADER_READER,
    HEADER_REPLAY,
    Block,
    Segment,
    decode_block,
    encode_headers,
)
from schemas.dead_letters import Stage
from schemas.errors import InvalidMessageError
from schemas.tables import TELEMETRY_TABLES
from schemas.timestamps import from_datetime
from schemas.topics import Service, Topic

# The reader that wrote a letter of this stage is the one that lacks the record.
READERS: dict[str, Service] = {
    Stage.RULES: Service.PROCESSORS,
    Stage.DECODE: Service.WRITER,
    Stage.INSERT: Service.WRITER,
}

_KINDS = {spec.table.value: kind for kind, spec in TELEMETRY_TABLES.items()}


class NotReplayableError(Exception):
    """A letter that cannot be sent again; the text says why."""


class Batch(NamedTuple):
    """One request's rows of one kind, as a reader tells repeats."""

    agent_key: str
    batch_id: bytes


class Restored(NamedTuple):
    """A record for the telemetry topic; without segments there is nothing left to send.

    `batches` are what it brings, `left_out` counts requests that a repeat has brought already.
    """

    partition: int
    value: bytes
    headers: list[tuple[str, bytes]]
    batches: tuple[Batch, ...]
    left_out: int = 0


def reader_of(letter: Letter) -> Service:
    """The reader that lacks what the letter holds.

    Raises:
        NotReplayableError: no reader of the telemetry topic has written it.
    """
    if letter.origin is None:
        raise NotReplayableError("it does not say where it is from")
    if letter.origin.topic != Topic.TELEMETRY:
        raise NotReplayableError(
            f"it is from {letter.origin.topic}, where everybody would read it again, as the latest of its key"
        )
    if letter.stage not in READERS:
        raise NotReplayableError(f"nobody reads again what was given up at the stage {letter.stage!r}")
    return READERS[letter.stage]


def is_whole(letter: Letter) -> bool:
    """Whether its reader took nothing at all of the record, and so knows of none of its batches."""
    return letter.stage != Stage.INSERT and not letter.segments


def block_of(letter: Letter) -> Block:
    """The block to send again: of the requests that failed, of a row, or all.

    Raises:
        NotReplayableError: it is none, or none that holds what agents sent.
    """
    reader_of(letter)
    block = _block_of_row(letter) if letter.stage == Stage.INSERT else _block_of_record(letter)
    if block.kind not in TELEMETRY_TABLES:
        raise NotReplayableError(f"a {block.kind} holds nothing that agents sent")
    return block


def restore(letter: Letter, counted: Container[Batch]) -> Restored:
    """The record for the one reader that lacks it, without the keyed batches that it has `counted`.

    Raises:
        NotReplayableError: as `block_of`.
    """
    reader = reader_of(letter)
    block = block_of(letter)
    kept: list[tuple[Segment, bytes]] = []
    left_out = 0
    for segment, rows in block.rows_of_segments():
        if segment.keyed and is_whole(letter) and batch_of(segment) in counted:
            left_out += 1
        else:
            kept.append((msgspec.structs.replace(segment, keyed=False), bytes(rows)))
    headers = [
        *((name, content) for name, content in letter.headers if name not in BLOCK_HEADERS),
        *encode_headers(block.kind, [segment for segment, _ in kept]),
        (HEADER_READER, reader.value.encode()),
        (HEADER_REPLAY, letter.identity.encode()),
    ]
    partition = letter.origin.partition if letter.origin else 0
    batches = tuple(batch_of(segment) for segment, _ in kept)
    return Restored(partition, b"".join(rows for _, rows in kept), headers, batches, left_out)


def batch_of(segment: Segment) -> Batch:
    """By what a reader tells whether the segment is a repeat."""
    return Batch(segment.agent_key, segment.batch_id)


def _block_of_record(letter: Letter) -> Block:
    try:
        block = decode_block(letter.headers, letter.value)
    except InvalidMessageError as error:
        raise NotReplayableError(f"this release cannot read it either: {error}") from error
    if not letter.segments:
        return block
    failed = [
        (segment, bytes(rows))
        for place, (segment, rows) in enumerate(block.rows_of_segments())
        if place in letter.segments
    ]
    return Block(block.kind, tuple(segment for segment, _ in failed), b"".join(rows for _, rows in failed))


def _block_of_row(letter: Letter) -> Block:
    kind = _KINDS.get(letter.table)
    if kind is None:
        raise NotReplayableError(f"no kind of telemetry is stored in the table {letter.table!r}")
    value = letter.value + b"\n"
    return Block(kind, (_segment_of_row(letter.value, len(value)),), value)


def _segment_of_row(row: bytes, size: int) -> Segment:
    try:
        stamps = msgspec.json.decode(row, type=_RowStamps)
        received_at = from_datetime(datetime.fromisoformat(stamps.received_at))
        batch_id = UUID(stamps.batch_id).bytes
    except (ValueError, msgspec.MsgspecError) as error:
        raise NotReplayableError(f"the row does not say whose it is: {error}") from error
    return Segment(stamps.tenant_id, stamps.agent_id, batch_id, False, 1, size, received_at)


class _RowStamps(msgspec.Struct):
    """Of the stamps of a row that a table refused; whatever may be wrong with its other columns."""

    tenant_id: str
    agent_id: str
    received_at: str
    batch_id: str
