"""The clock of the rules: a tick in each owned partition every second, in the log like any other record."""

import asyncio

from aiokafka.errors import KafkaError

from runtime.logging import get_logger
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.block import Kind, encode_headers
from schemas.topics import Topic

_log = get_logger(__name__)

INTERVAL_SECONDS = 1.0


def tick_record(partition: int) -> OutgoingRecord:
    """A block of no rows; what counts is the time at which the broker appends it."""
    return OutgoingRecord(
        topic=Topic.TELEMETRY, value=b"", key=None, headers=encode_headers(Kind.TICK, ()), partition=partition
    )


class Ticker:
    """Writes ticks, and remembers where the last acknowledged one of each partition is.

    The next tick waits for the last one's acknowledgement, so that none pile up while the broker is away.
    """

    def __init__(self, producer: RestartingProducer, interval: float = INTERVAL_SECONDS) -> None:
        """Use a producer that somebody else stops."""
        self._producer = producer
        self._interval = interval
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.last_offsets: dict[int, int] = {}

    def assign(self, partitions: list[int]) -> None:
        """Tick in these partitions and no others, from now on."""
        self.drop()
        for partition in partitions:
            self._tasks[partition] = asyncio.create_task(self._tick(partition), name=f"tick-{partition}")

    def drop(self) -> None:
        """Tick nowhere; a tick that is on its way may still arrive, as any owner's may."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self.last_offsets.clear()

    def end(self, partition: int) -> None:
        """Tick no more in this one."""
        task = self._tasks.pop(partition, None)
        if task is not None:
            task.cancel()
        self.last_offsets.pop(partition, None)

    async def _tick(self, partition: int) -> None:
        while True:
            try:
                (offset,) = await self._producer.send_all([tick_record(partition)])
            except (KafkaError, OSError) as error:
                _log.warning("tick_failed", partition=partition, reason=repr(error))
            else:
                self.last_offsets[partition] = offset
            await asyncio.sleep(self._interval)
