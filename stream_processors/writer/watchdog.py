"""Ends a process that does nothing though there is work: consumers have been seen to fall silent."""

import asyncio
import faulthandler
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from runtime.logging import get_logger
from stream_processors.writer.metrics import WriterMetrics
from stream_processors.writer.partition import PartitionWriter

_log = get_logger(__name__)
_EVERY_SECONDS = 5.0


class StalledError(Exception):
    """Partitions have lag, and nothing was even attempted for too long."""


class Observation(NamedTuple):
    """A partition at one moment; `lag` in records, None when the broker did not tell.

    `halted` says that it stands still on purpose.
    """

    steps: int
    lag: int | None
    halted: bool = False


class StallDetector:
    """Pure: is told what was seen and when, and says which partitions stand still."""

    def __init__(self, limit: float) -> None:
        """`limit` in seconds."""
        self._limit = limit
        self._seen: dict[TopicPartition, tuple[int, float]] = {}

    def stalled(self, now: float, observations: Mapping[TopicPartition, Observation]) -> list[TopicPartition]:
        """The partitions that had lag, or an unknown one, and did not move for longer than the limit."""
        before, self._seen = self._seen, {}
        for partition, (steps, lag, halted) in observations.items():
            last_steps, since = before.get(partition, (-1, now))
            moves = halted or lag == 0 or steps != last_steps
            self._seen[partition] = (steps, now if moves else since)
        return [p for p, (_, since) in self._seen.items() if now - since > self._limit]


def unstored_seconds(writer: PartitionWriter, now: float) -> float:
    """For how long the oldest record that is read and not stored has been in the log; `now` in seconds."""
    since = writer.unstored_since
    return 0.0 if since is None else max(0.0, now - since / 1000)


def is_late(writers: Mapping[TopicPartition, PartitionWriter], now: float, alarm: float) -> bool:
    """Whether any record waits for longer than `alarm` seconds: time to act, long before Kafka forgets it."""
    return any(unstored_seconds(writer, now) > alarm for writer in writers.values())


async def watch(
    consumer: AIOKafkaConsumer,
    writers: Callable[[], Mapping[TopicPartition, PartitionWriter]],
    metrics: WriterMetrics,
    limit: float,
    alarm: float,
) -> None:
    """Look on until cancelled; also ends the process when the event loop itself hangs for twice the limit.

    Says in the log when a record begins to wait for longer than `alarm` seconds, and when none does any more.

    Raises:
        StalledError: a partition stands still for longer than `limit` seconds.
    """
    detector = StallDetector(limit)
    loop = asyncio.get_running_loop()
    was_late = False
    try:
        while True:
            faulthandler.dump_traceback_later(2 * limit, exit=True)
            observations = await _observe(consumer, writers())
            for partition, (_, lag, _) in observations.items():
                if lag is not None:
                    metrics.lag.labels(partition.topic, str(partition.partition)).set(lag)
            for partition, writer in writers().items():
                waited = unstored_seconds(writer, time.time())
                metrics.unstored.labels(partition.topic, str(partition.partition)).set(waited)
            if (late := is_late(writers(), time.time(), alarm)) != was_late:
                was_late = late
                _log.critical("writer_is_late" if late else "writer_is_in_time", alarm_seconds=alarm)
            if stalled := detector.stalled(loop.time(), observations):
                raise StalledError(f"no progress for {limit:g} seconds on {', '.join(map(str, stalled))}")
            await asyncio.sleep(_EVERY_SECONDS)
    finally:
        faulthandler.cancel_dump_traceback_later()


async def _observe(
    consumer: AIOKafkaConsumer, writers: Mapping[TopicPartition, PartitionWriter]
) -> dict[TopicPartition, Observation]:
    try:
        async with asyncio.timeout(_EVERY_SECONDS):
            ends = await consumer.end_offsets(list(writers))
    except (KafkaError, TimeoutError) as error:
        _log.warning("log_ends_unknown", reason=repr(error))
        ends = {}
    return {
        partition: Observation(writer.steps, _lag(ends.get(partition), writer.next_offset), writer.halted)
        for partition, writer in writers.items()
    }


def _lag(end: int | None, stored: int) -> int | None:
    return None if end is None else max(0, end - stored)
