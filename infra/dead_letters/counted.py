"""Which batches of unreadable records a reader has counted all the same, because the agent repeated them."""

from collections.abc import Collection, Iterable

from aiokafka import TopicPartition

from infra.dead_letters.letter import Letter
from infra.dead_letters.log_reader import LogReader
from infra.dead_letters.restoring import Batch, NotReplayableError, batch_of, block_of, is_whole
from schemas.block import Kind, Segment, decode_block
from schemas.errors import InvalidMessageError
from schemas.topics import Service, Topic

# An earlier copy of a batch came this long before at most: readers remember a batch for a minute, and agents
# repeat within minutes.
_BEFORE_MS = 60 * 60 * 1000


async def counted_batches(
    reader: LogReader, letters: Iterable[Letter], of: Service, unread: Collection[tuple[int, int]]
) -> set[Batch]:
    """The keyed batches in these letters that `of` has counted from another record.

    A reader notes a batch when it reads its record. If it cannot, and the agent sends the batch once more, it
    counts then. `unread` are the partitions and offsets of all records that this reader could not take.
    """
    wanted, since = _keyed_batches(letters)
    found: set[Batch] = set()
    for partition, batches in wanted.items():
        place = TopicPartition(Topic.TELEMETRY.value, partition)
        stretch = await reader.stretch(place, max(since[partition] - _BEFORE_MS, 0))
        async for record in reader.read({place: stretch}):
            if (record.partition, record.offset) in unread:
                continue
            try:
                block = decode_block(record.headers, record.value)
            except InvalidMessageError:
                continue  # nobody has counted it
            if block.kind is not Kind.TICK and block.is_for(of):
                found.update(
                    batch for batch in _counted(block.segments, record.timestamp) if batch in batches
                )
    return found


def _keyed_batches(letters: Iterable[Letter]) -> tuple[dict[int, set[Batch]], dict[int, int]]:
    """By partition: the keyed batches of whole records, and when the first of them was received."""
    wanted: dict[int, set[Batch]] = {}
    since: dict[int, int] = {}
    for letter in letters:
        if letter.origin is None or not is_whole(letter):
            continue
        try:
            keyed = [segment for segment in block_of(letter).segments if segment.keyed]
        except NotReplayableError:
            continue  # said when it is this letter's turn
        partition = letter.origin.partition
        for segment in keyed:
            wanted.setdefault(partition, set()).add(batch_of(segment))
            since[partition] = min(since.get(partition, segment.received_at), segment.received_at)
    return wanted, since


def _counted(segments: Iterable[Segment], appended_at: int) -> Iterable[Batch]:
    return (batch_of(segment) for segment in segments if not segment.is_too_late(appended_at))
