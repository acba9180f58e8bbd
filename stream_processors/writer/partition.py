"""One partition, from its assignment to its loss: recover, finish what was begun, then chunk after chunk."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception, wait_random_exponential

from runtime.logging import get_logger
from schemas.topics import Topic
from stream_processors.halting import GivenUp
from stream_processors.state.bounds import LogBounds
from stream_processors.writer.buffer import Buffer
from stream_processors.writer.checkpoints import Checkpoints
from stream_processors.writer.intent import Intent, decode_intent
from stream_processors.writer.offsets import Committed, Membership
from stream_processors.writer.recovery import first_offset, replay_offset
from stream_processors.writer.rings import Rings
from stream_processors.writer.rows import Record, absorb_record, rows_of_chunk
from stream_processors.writer.services import Services
from stream_processors.writer.store import ChunkStore

_log = get_logger(__name__)

# Fetched and waiting, in chunks: beyond this the partition is paused.
_BUFFERED_CHUNKS = 2


class PartitionWriter:
    """Owns a partition under one membership; made anew for each assignment."""

    def __init__(self, partition: TopicPartition, membership: Membership, services: Services) -> None:
        """The partition must be paused; `run` resumes it."""
        self._partition = partition
        self._services = services
        self._store = ChunkStore(partition, membership, services)
        self._buffer = Buffer(services.clock)
        self._rings = Rings()
        self._checkpoints: Checkpoints | None = None
        if partition.topic == Topic.TELEMETRY:
            self._checkpoints = Checkpoints(partition, self._rings, services)
        self._replayed = 0
        self._given_up = GivenUp(services.settings.halt_limit)
        self._in_work: int | None = None
        self.next_offset = 0
        self.halted = False

    @property
    def steps(self) -> int:
        """A number that grows with whatever goes on, also while a long state is loaded and replayed."""
        return self._store.steps + self._services.state_log.loaded + self._replayed

    @property
    def unstored_since(self) -> int | None:
        """When the log took the oldest record that is here and not stored, in milliseconds; None: all are."""
        return self._buffer.oldest_timestamp if self._in_work is None else self._in_work

    def feed(self, records: list[Record]) -> None:
        """Take what was fetched; pauses the partition when enough waits."""
        self._buffer.put(records)
        if self.halted or self._buffer.size > _BUFFERED_CHUNKS * self._services.settings.writer_chunk_bytes:
            self._services.consumer.pause(self._partition)

    async def run(self) -> None:
        """Store the partition's records until cancelled.

        Raises:
            PartitionLostError: the membership is over.
            StateMismatchError, InvalidMessageError: commit, checkpoint and log do not fit together.
            aiokafka.errors.KafkaError: the broker refused.
        """
        start, committed = await self._recover_when_possible()
        self._services.consumer.seek(self._partition, start)
        self._services.consumer.resume(self._partition)
        if committed is not None:
            await self._replay(start, committed.offset)
            intent = decode_intent(committed.metadata, committed.offset)
            if intent is not None:
                await self._finish(intent)
        _log.info("partition_ready", topic=self._partition.topic, partition=self._partition.partition)
        settings = self._services.settings
        while True:
            records = await self._buffer.take_chunk(
                settings.writer_chunk_bytes, settings.writer_chunk_seconds
            )
            self._make_room()
            await self._write(Intent(records[0].offset, records[-1].offset), records)
            if self._given_up.too_much:
                await self._halt()

    async def _halt(self) -> None:
        """Read no further, and keep the partition: whoever had it next would only go on."""
        topic, partition = self._partition.topic, self._partition.partition
        self.halted = True
        self._services.consumer.pause(self._partition)
        self._services.metrics.halted.labels(topic, str(partition)).set(1)
        reason = f"{self._given_up}: mend the cause, then start the writer anew (docs/dead-letters.md)"
        _log.critical("partition_halted", topic=topic, partition=partition, reason=reason)
        try:
            await asyncio.Event().wait()
        finally:
            self._services.metrics.halted.labels(topic, str(partition)).set(0)

    async def _recover_when_possible(self) -> tuple[int, Committed | None]:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_random_exponential(multiplier=0.1, max=5),
            reraise=True,
        ):
            with attempt:
                return await self._recover()
        raise RuntimeError("tenacity gives up only by raising")

    async def _recover(self) -> tuple[int, Committed | None]:
        """Where to read from, and what is committed.

        The checkpoint is read before the commit, and the commit before the log's bounds: each can only be
        ahead of the one before, even while another owner, whom a stopped process knows nothing of, goes on.
        """
        fence = None if self._checkpoints is None else await self._checkpoints.load()
        committed = await self._services.offsets.read(self._partition)
        bounds = await _bounds(self._services.consumer, self._partition)
        offset = None if committed is None else committed.offset
        self.next_offset = bounds.start if offset is None else offset
        if self._checkpoints is None or fence is None:
            return first_offset(bounds, offset), committed
        start = replay_offset(bounds, offset, fence)
        if offset is None and start > 0:
            # Before anything is committed, so that a later start knows that nothing came before.
            await self._checkpoints.write(start - 1)
        return start, committed

    async def _replay(self, position: int, end: int) -> None:
        """Absorb what is stored already but came after the checkpoint."""
        while position < end:
            records = await self._buffer.take_until(end)
            self._make_room()
            for record in records:
                absorb_record(record, self._rings)
            self._replayed += len(records)
            position = records[-1].offset + 1 if records else end

    async def _finish(self, intent: Intent) -> None:
        """Store the very chunk that somebody, perhaps this process in an earlier life, began to store."""
        chunk: list[Record] = []
        while not chunk or chunk[-1].offset < intent.last:
            records = await self._buffer.take_until(intent.last + 1)
            self._make_room()
            if not records:
                break  # the last ones are gone by compaction: superseded
            chunk += records
        await self._write(intent, chunk, again=True)

    async def _write(self, intent: Intent, records: list[Record], *, again: bool = False) -> None:
        self._in_work = records[0].timestamp if records else None
        erasures = self._services.erasures
        rows = rows_of_chunk(self._partition.topic, records, self._rings, erasures)
        given_up = await self._store.store(intent, rows, again=again)
        self._in_work = None
        self._given_up.note(self._services.clock(), len(records), given_up)
        self.next_offset = intent.last + 1
        if self._checkpoints is not None:
            await self._checkpoints.write_when_due(intent.last)

    def _make_room(self) -> None:
        if self._buffer.size <= self._services.settings.writer_chunk_bytes:
            self._services.consumer.resume(self._partition)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, KafkaError) and bool(error.retriable)


async def _bounds(consumer: AIOKafkaConsumer, partition: TopicPartition) -> LogBounds:
    starts = await consumer.beginning_offsets([partition])
    ends = await consumer.end_offsets([partition])
    return LogBounds(partition.topic, partition.partition, starts[partition], ends[partition])
