"""Fills the telemetry topic, with a tick in each partition every second as its owner would write them."""

import asyncio
import time
from collections.abc import Iterable
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder

from benchmarks.processors.fleet import Made
from runtime import kafka
from runtime.restarting_producer import OutgoingRecord
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from stream_processors.ticks import tick_record

_CLIENT_ID = "bench-filling"
_BATCH_BYTES = 1024 * 1024
_UNDER_WAY = 8
_TICK_SECONDS = 1.0


class Filled(NamedTuple):
    """What was written: records with rows and their events, between these offsets of each partition."""

    records: int
    events: int
    starts: dict[int, int]
    ends: dict[int, int]


async def fill(address: KafkaAddress, partitions: int, made: Iterable[Made]) -> Filled:
    """Write records, many in a batch, and return when all are acknowledged."""
    producer = kafka.producer(address, client_id=_CLIENT_ID, max_batch_size=_BATCH_BYTES)
    await producer.start()
    filler = _Filler(producer)
    records = events = 0
    starts = await log_ends(address, partitions)
    next_tick = time.monotonic() + _TICK_SECONDS
    try:
        for record, count in made:
            await filler.add(record)
            records += bool(count)
            events += count
            if time.monotonic() >= next_tick:
                next_tick += _TICK_SECONDS
                await filler.tick(partitions)
        await filler.flush()
        await filler.wait(0)
    finally:
        await producer.stop()
    return Filled(records, events, starts, await log_ends(address, partitions))


async def log_ends(address: KafkaAddress, partitions: int) -> dict[int, int]:
    """The offset behind the last record of each partition."""
    consumer = kafka.consumer(address, client_id=_CLIENT_ID)
    await consumer.start()
    try:
        targets = [TopicPartition(Topic.TELEMETRY, number) for number in range(partitions)]
        return {target.partition: end for target, end in (await consumer.end_offsets(targets)).items()}
    finally:
        await consumer.stop()


class _Filler:
    """A batch a partition, sent when it is full; a few under way."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._batches: dict[int, BatchBuilder] = {}
        self._sent: list[asyncio.Future[object]] = []

    async def add(self, record: OutgoingRecord) -> None:
        partition = record.partition or 0
        batch = self._batches.get(partition) or self._begin(partition)
        while batch.append(timestamp=None, key=None, value=record.value, headers=record.headers) is None:
            await self._send(partition)
            batch = self._begin(partition)

    async def tick(self, partitions: int) -> None:
        for partition in range(partitions):
            await self.add(tick_record(partition))
        await self.flush()

    async def flush(self) -> None:
        for partition in tuple(self._batches):
            await self._send(partition)

    async def wait(self, under_way: int) -> None:
        while len(self._sent) > under_way:
            await self._sent.pop(0)

    def _begin(self, partition: int) -> BatchBuilder:
        batch = self._batches[partition] = self._producer.create_batch()
        return batch

    async def _send(self, partition: int) -> None:
        batch = self._batches.pop(partition)
        batch.close()
        self._sent.append(await self._producer.send_batch(batch, Topic.TELEMETRY, partition=partition))
        await self.wait(_UNDER_WAY)
