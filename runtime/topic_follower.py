"""Reads small topics from their start and follows them; belongs to no consumer group."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from runtime import kafka
from runtime.logging import get_logger
from runtime.settings import KafkaAddress

_log = get_logger(__name__)
_POLL_MS = 500
# A broker that has fallen silent is noticed and asked anew after that.
_REQUEST_MS = 10_000

# Topics that are followed have one partition, so that each has one order.
_PARTITION = 0

Take = Callable[[str, Sequence[ConsumerRecord]], None]


class TopicFollower:
    """Hands over every record; ready once it has reached the ends that it found."""

    def __init__(self, address: KafkaAddress, topics: Iterable[str], client_id: str, take: Take) -> None:
        """Nothing is read before `start`; `take(topic, records)` must not block, and ends it by raising."""
        self._partitions = [TopicPartition(topic, _PARTITION) for topic in topics]
        self._take = take
        self._consumer: AIOKafkaConsumer = kafka.consumer(
            address, client_id=client_id, request_timeout_ms=_REQUEST_MS
        )
        self._applied: dict[str, int] = {place.topic: 0 for place in self._partitions}
        self._moved = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._ready_ms = 0

    async def start(self) -> None:
        """Connect and read to the end; blocks until then. Not to be called twice."""
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)
        ends = await self._consumer.end_offsets(self._partitions)
        while any(self._applied[place.topic] < end for place, end in ends.items()):
            await self._poll()
        self._ready_ms = _now_ms()
        self._task = asyncio.create_task(self._follow(), name="topic-follower")

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
    def silent_seconds(self) -> float:
        """For how long some topic has had no answer, not even an empty one; only while following."""
        heard = (self._consumer.last_poll_timestamp(place) for place in self._partitions)
        return (_now_ms() - min(stamp or self._ready_ms for stamp in heard)) / 1000

    @property
    def applied(self) -> Mapping[str, int]:
        """For each topic the offset that is read next: everything before it counts."""
        return self._applied

    async def wait_for(self, topic: str, offset: int, *, timeout: float) -> None:  # noqa: ASYNC109 - a deadline is the caller's choice
        """Block until the record at `offset` has been taken.

        Raises:
            TimeoutError: it was not within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            await self.wait_until(lambda: self._applied[topic] > offset)

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Block until `condition`, which is asked after each reading, is true."""
        async with self._moved:
            await self._moved.wait_for(condition)

    async def _follow(self) -> None:
        try:
            while True:
                await self._poll()
        except Exception:
            _log.exception("following_ended", topics=list(self._applied))
            raise

    async def _poll(self) -> None:
        batches = await self._consumer.getmany(timeout_ms=_POLL_MS)
        for place, records in batches.items():
            self._take(place.topic, records)
        for place in self._partitions:
            self._applied[place.topic] = await self._consumer.position(place)
        async with self._moved:
            self._moved.notify_all()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
