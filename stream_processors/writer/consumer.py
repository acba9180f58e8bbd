"""The group's member: hands what is fetched to the owners of partitions, who come and go with assignments."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from runtime.logging import get_logger
from schemas.tables import EVENT_TABLES
from schemas.topics import Topic
from stream_processors.state.bounds import StateMismatchError
from stream_processors.writer.offsets import PartitionLostError
from stream_processors.writer.partition import PartitionWriter
from stream_processors.writer.services import Services

_log = get_logger(__name__)

TOPICS = (Topic.TELEMETRY, *EVENT_TABLES)
_POLL_MS = 200


class _Owned(NamedTuple):
    writer: PartitionWriter
    task: asyncio.Task[None]


class PartitionOwner(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Runs one PartitionWriter for each assigned partition, and none for any other."""

    def __init__(self, consumer: AIOKafkaConsumer, services: Services) -> None:
        """`consumer` must be started; nothing is subscribed before `run`."""
        self._consumer = consumer
        self._services = services
        self._owned: dict[TopicPartition, _Owned] = {}
        self.joined = False

    @property
    def writers(self) -> Mapping[TopicPartition, PartitionWriter]:
        """The owners of the partitions assigned now."""
        return {partition: owned.writer for partition, owned in self._owned.items()}

    def is_first(self) -> bool:
        """Whether this process has the telemetry's first partition: of a group just one has it."""
        return TopicPartition(Topic.TELEMETRY, 0) in self._owned

    async def run(self) -> None:
        """Poll until cancelled, or until a partition's task fails.

        Raises:
            StateMismatchError: retention took records that were not stored yet.
            Exception: whatever a partition's task failed with, except the loss of its partition.
        """
        self._consumer.subscribe(list(TOPICS), listener=self)
        try:
            while True:
                await self._poll()
                self._raise_failures()
        finally:
            await self._release(list(self._owned))

    async def _poll(self) -> None:
        try:
            batches = await self._consumer.getmany(timeout_ms=_POLL_MS)
        except NoOffsetForPartitionError:
            return  # a new group: the partition's task seeks the start explicitly
        except OffsetOutOfRangeError as error:
            raise StateMismatchError(
                f"the log no longer has the offsets {error.args}: retention took records before they were"
                f" stored. Raise the retention; to go on without them, reset the group's offsets."
            ) from error
        for partition, records in batches.items():
            # Records of a former assignment are dropped by the consumer; this covers a task that ended.
            if partition in self._owned:
                self._owned[partition].writer.feed(records)

    def _raise_failures(self) -> None:
        for partition, owned in self._owned.items():
            if not owned.task.done():
                continue
            try:
                owned.task.result()
            except PartitionLostError as error:
                # The heartbeat hears of it too, and the rejoin hands out the partitions anew.
                if partition not in self._consumer.paused():
                    _log.warning("partition_lost", reason=str(error))
                    self._consumer.pause(partition)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin with each partition: paused, until its owner knows where to begin."""
        membership = self._services.offsets.membership()
        for partition in assigned:
            # Any position at once, or else the fetcher would look for one and fail where none is committed.
            self._consumer.seek(partition, 0)
            self._consumer.pause(partition)
            writer = PartitionWriter(partition, membership, self._services)
            self._owned[partition] = _Owned(writer, asyncio.create_task(writer.run(), name=str(partition)))
        self.joined = True
        _log.info("partitions_assigned", count=len(self._owned), generation=membership.generation)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Drop everything of these partitions: whoever gets them reads the intent and begins there."""
        await self._release(revoked)

    async def _release(self, partitions: Iterable[TopicPartition]) -> None:
        owned = [self._owned.pop(p) for p in partitions if p in self._owned]
        for _, task in owned:
            task.cancel()
        ends = await asyncio.gather(*(task for _, task in owned), return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, PartitionLostError):
                _log.error("partition_failed_as_it_was_released", reason=repr(end))
