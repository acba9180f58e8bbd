"""Sends dead letters again, each once: noted before and after, so that a run that broke off is found out."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition

from infra.dead_letters.counted import counted_batches
from infra.dead_letters.letter import Letter
from infra.dead_letters.letters import NOTES, Wanted, oldest, read_notes, unread_records
from infra.dead_letters.log_reader import LogReader
from infra.dead_letters.notes import Notes
from infra.dead_letters.restoring import (
    Batch,
    NotReplayableError,
    Restored,
    block_of,
    is_whole,
    reader_of,
    restore,
)
from schemas.block import HEADER_REPLAY
from schemas.replays import ReplayNote, encode_note
from schemas.topics import Service, Topic

# A run that began so long ago and has not sent is taken for dead; sending takes seconds.
_AT_WORK_SECONDS = 60.0


class Outcome(StrEnum):
    """What became of a letter."""

    SENT = "sent again"
    NOTHING_LEFT = "nothing left: the agents' repeats were taken"
    BEFORE = "sent again before"
    AT_WORK = "left to another run, which is at work or broke off: try again in a minute"
    REFUSED = "cannot be sent again"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A letter, what became of it, and why."""

    letter: Letter
    outcome: Outcome
    reason: str = ""


class Found(NamedTuple):
    """Letters to send again, and how many others there are that cannot be."""

    letters: list[Letter]
    refused: int


class Replayer:
    """One run: reads what was noted, decides for each letter, sends, notes."""

    def __init__(self, reader: LogReader, producer: AIOKafkaProducer | None) -> None:
        """Without a producer it says what it would do, and neither sends nor notes anything."""
        self._reader = reader
        self._producer = producer
        self._run = str(uuid.uuid4())
        self._notes = Notes()
        # What this run has sent, or would have: a letter may have a copy.
        self._sent: set[str] = set()
        self._counted: dict[Service, set[Batch]] = {}

    async def notes(self) -> Notes:
        """What all runs have noted so far."""
        return await read_notes(self._reader, self._notes)

    async def find(self, wanted: Wanted, limit: int) -> Found:
        """The oldest letters that were not sent again yet, and can be."""
        notes, refused = await self.notes(), 0

        def is_open(letter: Letter) -> bool:
            nonlocal refused
            if notes.is_done(letter.identity):
                return False
            try:
                block_of(letter)
            except NotReplayableError:
                refused += 1
                return False
            return True

        return Found(await oldest(self._reader, wanted, limit, is_open), refused)

    async def replay(self, letters: Sequence[Letter]) -> list[Replayed]:
        """Send letters again, in this order, to the readers that lack them.

        Raises:
            aiokafka.errors.KafkaError: the broker refused; the next run goes on where this one ended.
        """
        await self.notes()
        await self._find_counted(letters)
        return [await self._replay(letter) for letter in letters]

    async def _find_counted(self, letters: Sequence[Letter]) -> None:
        for of in (Service.PROCESSORS, Service.WRITER):
            theirs = [letter for letter in letters if is_whole(letter) and _is_for(letter, of)]
            if theirs:
                unread = await unread_records(self._reader, of)
                self._counted[of] = await counted_batches(self._reader, theirs, of, unread)

    async def _replay(self, letter: Letter) -> Replayed:
        identity = letter.identity
        if identity in self._sent or self._notes.is_done(identity):
            return Replayed(letter, Outcome.BEFORE)
        try:
            counted = self._counted.setdefault(reader_of(letter), set())
            restored = restore(letter, counted)
        except NotReplayableError as error:
            return Replayed(letter, Outcome.REFUSED, str(error))
        unfinished = self._notes.unfinished(identity)
        if unfinished is not None:
            if await self._was_sent(identity, unfinished.note):
                await self._note(letter, unfinished.note.partition, unfinished.note.end, done=True)
                return Replayed(letter, Outcome.BEFORE)
            if time.time() - unfinished.appended_at / 1000 < _AT_WORK_SECONDS:
                return Replayed(letter, Outcome.AT_WORK)
        outcome = await self._send(letter, restored)
        if outcome is not Outcome.AT_WORK:
            self._sent.add(identity)
            counted.update(restored.batches)
        return Replayed(letter, outcome)

    async def _send(self, letter: Letter, restored: Restored) -> Outcome:
        if self._producer is not None:
            seen = self._notes.next_offset
            _, end = await self._reader.stretch(TopicPartition(Topic.TELEMETRY.value, restored.partition))
            await self._note(letter, restored.partition, end, done=False)
            await self.notes()
            if not self._notes.is_first_since(seen, letter.identity, self._run):
                return Outcome.AT_WORK
            if restored.batches:
                await self._producer.send_and_wait(
                    Topic.TELEMETRY,
                    restored.value,
                    key=letter.key,
                    partition=restored.partition,
                    headers=restored.headers,
                )
            await self._note(letter, restored.partition, end, done=True)
        return Outcome.SENT if restored.batches else Outcome.NOTHING_LEFT

    async def _note(self, letter: Letter, partition: int, end: int, *, done: bool) -> None:
        if self._producer is None:
            return
        note = ReplayNote(str(letter.place), self._run, done, partition, end)
        await self._producer.send_and_wait(
            NOTES.topic, encode_note(note), key=letter.identity.encode(), partition=NOTES.partition
        )

    async def _was_sent(self, identity: str, note: ReplayNote) -> bool:
        place = TopicPartition(Topic.TELEMETRY.value, note.partition)
        start, end = await self._reader.stretch(place)
        async for record in self._reader.read({place: (max(start, note.end), end)}):
            if (HEADER_REPLAY, identity.encode()) in record.headers:
                return True
        return False


def _is_for(letter: Letter, reader: Service) -> bool:
    try:
        return reader_of(letter) is reader
    except NotReplayableError:
        return False
