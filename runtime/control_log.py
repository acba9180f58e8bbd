"""The store of control records: compacted topics, followed to their end and held in memory.

A write carries the version that it makes (the one before plus one); of several writes of one version the
first in the log wins, for every reader alike.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from runtime import kafka
from runtime.logging import get_logger
from runtime.settings import KafkaAddress

_log = get_logger(__name__)
_POLL_MS = 500

# Control topics have one partition, so that each has one order.
_PARTITION = 0

DataT = TypeVar("DataT")


class Entry(NamedTuple, Generic[DataT]):
    """An entity as it stands, and the version to build on."""

    version: int
    data: DataT


class Envelope(msgspec.Struct, frozen=True):
    """A control record's value; `write_id` tells whose write won."""

    version: int
    write_id: str
    data: msgspec.Raw


Listener = Callable[[str, str, msgspec.Struct], None]


class ControlState:
    """The entities of some control topics, by key; pure: it is fed records and answers questions."""

    def __init__(self, types: Mapping[str, type[msgspec.Struct]]) -> None:
        """Hold the topics of `types`, each with the type of its data."""
        self._types = types
        self._entries: dict[str, dict[str, Entry[msgspec.Struct]]] = {topic: {} for topic in types}
        self._winners: dict[tuple[str, str], str] = {}

    def get(self, topic: str, key: str) -> Entry[msgspec.Struct] | None:
        """The entity, or None."""
        return self._entries[topic].get(key)

    def all(self, topic: str) -> Mapping[str, Entry[msgspec.Struct]]:
        """All entities of a topic by key; a live view, not to be changed."""
        return self._entries[topic]

    def won(self, topic: str, key: str, write_id: str) -> bool:
        """Whether the entity as it stands comes from this write."""
        return self._winners.get((topic, key)) == write_id

    def apply(self, topic: str, key: str, value: bytes | None) -> msgspec.Struct | None:
        """Take the next record of a topic; the entity if it changed, None if the record counts for nothing.

        Versions may be missing, as compaction takes what is superseded; none may fall or repeat.

        Raises:
            msgspec.MsgspecError: the value is no control record of this topic.
        """
        if value is None:
            return None
        envelope = msgspec.json.decode(value, type=Envelope)
        data = msgspec.json.decode(envelope.data, type=self._types[topic])
        current = self._entries[topic].get(key)
        if current is not None and envelope.version <= current.version:
            return None
        self._entries[topic][key] = Entry(envelope.version, data)
        self._winners[topic, key] = envelope.write_id
        return data


class ControlReader:
    """Follows control topics from their start; ready once it has reached the end that it found.

    Belongs to no consumer group: every process reads everything.
    """

    def __init__(
        self, address: KafkaAddress, types: Mapping[str, type[msgspec.Struct]], client_id: str
    ) -> None:
        """Follow the topics of `types`; nothing is read before `start`."""
        self.state = ControlState(types)
        self._partitions = [TopicPartition(topic, _PARTITION) for topic in types]
        self._consumer: AIOKafkaConsumer = kafka.consumer(address, client_id=client_id)
        self._applied: dict[str, int] = dict.fromkeys(types, 0)
        self._moved = asyncio.Condition()
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, listener: Listener) -> None:
        """Call `listener(topic, key, data)` for each change from now on; it must not raise or block."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Connect and read to the end; blocks until then. Not to be called twice."""
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)
        ends = await self._consumer.end_offsets(self._partitions)
        while any(self._applied[tp.topic] < end for tp, end in ends.items()):
            await self._poll()
        self._task = asyncio.create_task(self._follow(), name="control-log")

    async def stop(self) -> None:
        """Stop following and disconnect."""
        try:
            if self._task is not None:
                self._task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._task
        finally:
            # Also when following has failed, which comes out of the task here.
            await self._consumer.stop()

    @property
    def following(self) -> bool:
        """Whether it reads on; False before `start` and after a failure that ended it."""
        return self._task is not None and not self._task.done()

    @property
    def applied(self) -> Mapping[str, int]:
        """For each topic the offset that is read next: everything before it counts."""
        return self._applied

    async def wait_for(self, topic: str, offset: int, *, timeout: float) -> None:  # noqa: ASYNC109 - a deadline is the caller's choice
        """Block until the record at `offset` has been applied.

        Raises:
            TimeoutError: it was not within `timeout` seconds.
        """
        async with asyncio.timeout(timeout), self._moved:
            await self._moved.wait_for(lambda: self._applied[topic] > offset)

    async def _follow(self) -> None:
        try:
            while True:
                await self._poll()
        except Exception:
            _log.exception("control_log_stopped")
            raise

    async def _poll(self) -> None:
        batches = await self._consumer.getmany(timeout_ms=_POLL_MS)
        for partition, records in batches.items():
            self._apply_all(partition.topic, records)
        for partition in self._partitions:
            self._applied[partition.topic] = await self._consumer.position(partition)
        async with self._moved:
            self._moved.notify_all()

    def _apply_all(self, topic: str, records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            try:
                key = (record.key or b"").decode()
                data = self.state.apply(topic, key, record.value)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                _log.error("control_record_ignored", topic=topic, offset=record.offset, reason=str(error))
                continue
            if data is not None:
                for listener in self._listeners:
                    listener(topic, key, data)
