"""Reads letters from the dead-letter topics, with what has become of each."""

import heapq
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import msgspec
from aiokafka import ConsumerRecord, TopicPartition

from infra.dead_letters.letter import Letter, Place, read_letter
from infra.dead_letters.log_reader import LogReader
from infra.dead_letters.notes import Notes
from infra.dead_letters.restoring import READERS, is_whole
from infra.errors import StackError
from schemas.replays import decode_note
from schemas.topics import DEAD_LETTER_TOPICS, Service, Topic

NOTES = TopicPartition(Topic.REPLAYS.value, 0)

Keep = Callable[[Letter], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which letters: from a topic, from its partition, with words in the reason, since a time (ms)."""

    topic: str | None = None
    partition: int | None = None
    reason: str | None = None
    since_ms: int = 0

    def fits(self, letter: Letter) -> bool:
        """Whether the letter is one of them; upper and lower case of the reason are the same."""
        origin = letter.origin
        return (
            (self.topic is None or (origin is not None and origin.topic == self.topic))
            and (self.partition is None or (origin is not None and origin.partition == self.partition))
            and (self.reason is None or self.reason.lower() in letter.reason.lower())
            and letter.appended_at >= self.since_ms
        )


async def newest(reader: LogReader, wanted: Wanted, limit: int) -> list[Letter]:
    """At most `limit` letters, the newest first; no more are held in memory at a time."""
    return await _pick(reader, wanted, limit, newest_first=True, keep=lambda _: True)


async def oldest(reader: LogReader, wanted: Wanted, limit: int, keep: Keep) -> list[Letter]:
    """At most `limit` letters of those that `keep` says yes to, the oldest first."""
    return await _pick(reader, wanted, limit, newest_first=False, keep=keep)


async def one(reader: LogReader, place: Place) -> Letter:
    """A letter by its name.

    Raises:
        StackError: it is not there, or not any more.
    """
    stretches = await reader.stretches([place.topic])
    partition = TopicPartition(place.topic, place.partition)
    start, end = stretches.get(partition, (0, 0))
    if start <= place.offset < end:
        async for record in reader.read({partition: (place.offset, place.offset + 1)}):
            return _letter(record)
    raise StackError(f"There is no dead letter {place}: letters are kept for 30 days.")


async def read_notes(reader: LogReader, notes: Notes) -> Notes:
    """Bring `notes` up to the end of their topic; it is changed in place and returned."""
    start, end = await reader.stretch(NOTES)
    async for record in reader.read({NOTES: (max(start, notes.next_offset), end)}):
        try:
            note = decode_note(record.value)
        except msgspec.MsgspecError as error:
            raise StackError(f"{Topic.REPLAYS} at {record.offset}: {error}") from error
        notes.take(record.offset, record.timestamp, (record.key or b"").decode(), note)
    return notes


async def _pick(
    reader: LogReader, wanted: Wanted, limit: int, *, newest_first: bool, keep: Keep
) -> list[Letter]:
    sign = 1 if newest_first else -1
    kept: list[tuple[int, int, int, str, Letter]] = []
    async for letter in _letters(reader, wanted):
        if not keep(letter):
            continue
        topic, partition, offset = letter.place
        entry = (sign * letter.appended_at, sign * partition, sign * offset, topic, letter)
        if len(kept) < limit:
            heapq.heappush(kept, entry)
        else:
            heapq.heappushpop(kept, entry)
    return [letter for *_, letter in sorted(kept, reverse=True)]


async def unread_records(reader: LogReader, of: Service) -> set[tuple[int, int]]:
    """Partitions and offsets of the telemetry records of which `of` took nothing at all."""
    found = set()
    async for letter in _letters(reader, Wanted(topic=Topic.TELEMETRY)):
        if letter.origin is not None and READERS.get(letter.stage) is of and is_whole(letter):
            found.add((letter.origin.partition, letter.origin.offset))
    return found


async def _letters(reader: LogReader, wanted: Wanted) -> AsyncIterator[Letter]:
    async for record in reader.read(await reader.stretches(DEAD_LETTER_TOPICS, wanted.since_ms)):
        letter = _letter(record)
        if wanted.fits(letter):
            yield letter


def _letter(record: ConsumerRecord) -> Letter:
    place = Place(record.topic, record.partition, record.offset)
    return read_letter(place, record.timestamp, record.key, record.value, record.headers)
