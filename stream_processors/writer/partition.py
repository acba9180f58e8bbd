"""One partition, from its assignment to its loss: recover, finish what was begun, then chunk after chunk."""

from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception, wait_random_exponential

from runtime.logging import get_logger
from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from stream_processors.state.bounds import LogBounds
from stream_processors.state.snapshot import Snapshot
from stream_processors.state.topic_id import check_topic_id, fetch_topic_id
from stream_processors.writer.buffer import Buffer
from stream_processors.writer.intent import Intent, decode_intent
from stream_processors.writer.offsets import Committed, Membership
from stream_processors.writer.recovery import first_offset, replay_offset
from stream_processors.writer.rings import Rings
from stream_processors.writer.rows import Record, absorb_record, rows_of_chunk
from stream_processors.writer.services import Services
from stream_processors.writer.store import ChunkStore, Step

_log = get_logger(__name__)

# Fetched and waiting, in chunks: beyond this the partition is paused.
_BUFFERED_CHUNKS = 2


class CheckpointMeta(msgspec.Struct, frozen=True):
    """What a checkpoint says beside its rings: the topic that they were made from."""

    topic_id: UUID


class PartitionWriter:
    """Owns a partition under one membership; made anew for each assignment."""

    def __init__(self, partition: TopicPartition, membership: Membership, services: Services) -> None:
        """The partition must be paused; `run` resumes it."""
        self._partition = partition
        self._services = services
        self._store = ChunkStore(partition, membership, services)
        self._buffer = Buffer(services.clock)
        self._rings = Rings()
        self._topic_id: UUID | None = None
        self._checkpoint_at = services.clock()
        self.next_offset = 0

    @property
    def steps(self) -> int:
        """A number that grows with whatever goes on."""
        return self._store.steps

    def feed(self, records: list[Record]) -> None:
        """Take what was fetched; pauses the partition when enough waits."""
        self._buffer.put(records)
        if self._buffer.size > _BUFFERED_CHUNKS * self._services.settings.writer_chunk_bytes:
            self._services.consumer.pause(self._partition)

    async def run(self) -> None:
        """Store the partition's records until cancelled.

        Raises:
            PartitionLostError: the membership is over.
            StateMismatchError, InvalidMessageError: commit, checkpoint and log do not fit together.
            aiokafka.errors.KafkaError: the broker refused.
        """
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            wait=wait_random_exponential(multiplier=0.1, max=5),
            reraise=True,
        ):
            with attempt:
                committed = await self._services.offsets.read(self._partition)
                start = await self._recover(committed)
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

    @property
    def _has_checkpoints(self) -> bool:
        return bool(self._partition.topic == Topic.TELEMETRY)

    async def _recover(self, committed: Committed | None) -> int:
        offset = None if committed is None else committed.offset
        bounds = await _bounds(self._services.consumer, self._partition)
        self.next_offset = bounds.start if offset is None else offset
        if not self._has_checkpoints:
            return first_offset(bounds, offset)
        self._topic_id = await fetch_topic_id(self._services.consumer, self._partition.topic)
        snapshot = await self._services.state_log.load(self._partition.partition)
        _check_meta(self._partition.topic, snapshot, self._topic_id)
        self._rings.restore(snapshot.entries)
        start = replay_offset(bounds, offset, snapshot.fence)
        if offset is None and start > 0:
            # Before anything is committed, so that a later start knows that nothing came before.
            await self._write_checkpoint(start - 1)
        return start

    async def _replay(self, position: int, end: int) -> None:
        """Absorb what is stored already but came after the checkpoint."""
        while position < end:
            records = await self._buffer.take_until(end)
            self._make_room()
            for record in records:
                absorb_record(record, self._rings)
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
        await self._write(intent, chunk)

    async def _write(self, intent: Intent, records: list[Record]) -> None:
        await self._store.store(intent, rows_of_chunk(self._partition.topic, records, self._rings))
        self.next_offset = intent.last + 1
        await self._checkpoint_when_due(intent.last)

    async def _checkpoint_when_due(self, fence: int) -> None:
        now = self._services.clock()
        due = self._checkpoint_at + self._services.settings.writer_checkpoint_seconds
        if not self._has_checkpoints or now < due:
            return
        self._checkpoint_at = now
        self._services.failpoint.reach(Step.BEFORE_CHECKPOINT)
        try:
            await self._write_checkpoint(fence)
        except KafkaError as error:
            # The one before still serves: the next start only has more to replay.
            _log.warning("checkpoint_failed", partition=self._partition.partition, reason=repr(error))
        self._services.failpoint.reach(Step.AFTER_CHECKPOINT)

    async def _write_checkpoint(self, fence: int) -> None:
        if self._topic_id is None:
            raise RuntimeError("a checkpoint is of a recovered partition")
        entries = self._rings.changed(fence)
        meta = msgspec.json.encode(CheckpointMeta(self._topic_id))
        await self._services.state_log.write(self._partition.partition, fence, entries, meta)
        self._rings.saved(key for key, _, _ in entries)

    def _make_room(self) -> None:
        if self._buffer.size <= self._services.settings.writer_chunk_bytes:
            self._services.consumer.resume(self._partition)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, KafkaError) and bool(error.retriable)


async def _bounds(consumer: AIOKafkaConsumer, partition: TopicPartition) -> LogBounds:
    starts = await consumer.beginning_offsets([partition])
    ends = await consumer.end_offsets([partition])
    return LogBounds(partition.topic, partition.partition, starts[partition], ends[partition])


def _check_meta(topic: str, snapshot: Snapshot, found: UUID) -> None:
    if snapshot.meta is not None:
        try:
            meta = msgspec.json.decode(snapshot.meta, type=CheckpointMeta)
        except msgspec.MsgspecError as error:
            raise InvalidMessageError(f"the checkpoint of {topic} is not the writer's: {error}") from error
        check_topic_id(topic, meta.topic_id, found)
