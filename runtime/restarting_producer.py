"""A Kafka producer that is made anew after each failure, because its sequence numbers may be spoilt by it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from runtime import kafka
from runtime.settings import KafkaAddress

_BATCH_BYTES = 256 * 1024
_partition_of = DefaultPartitioner()


class OutgoingRecord(NamedTuple):
    """A record to send; without a partition its key decides."""

    topic: str
    value: bytes | None
    key: bytes | None
    headers: list[tuple[str, bytes]]
    partition: int | None = None


class RestartingProducer:
    """Sends and waits for acknowledgement; waits for as long as the broker is away."""

    def __init__(self, address: KafkaAddress, *, client_id: str) -> None:
        """Connect when something is to be sent."""
        self._address = address
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send_all(self, records: Iterable[OutgoingRecord]) -> list[int]:
        """Send records and return their offsets once all are acknowledged.

        Raises:
            aiokafka.errors.KafkaError: not everything was acknowledged; any part may have been stored.
        """
        try:
            producer = await self._started()
            sent = [await producer.send(**record._asdict()) for record in records]
            # All are waited for, so that none fails unseen.
            results: list[Any] = await asyncio.gather(*sent, return_exceptions=True)
        except Exception:
            await self.stop()
            raise
        await self._check(results)
        return [result.offset for result in results]

    async def send_in_batches(self, records: Iterable[OutgoingRecord]) -> None:
        """Send records and return once all are acknowledged, at a quarter of what `send_all` takes for many.

        Those of a partition keep their order. Each has a partition or a key, and fits into a batch.

        Raises:
            aiokafka.errors.KafkaError: not everything was acknowledged; any part may have been stored.
        """
        try:
            producer = await self._started()
            batches = await _fill(producer, records)
            sent = (_send_in_order(producer, target, filled) for target, filled in batches.items())
            results = await asyncio.gather(*sent, return_exceptions=True)
        except Exception:
            await self.stop()
            raise
        await self._check(results)

    async def _check(self, results: Iterable[object]) -> None:
        failed = [result for result in results if isinstance(result, BaseException)]
        if failed:
            await self.stop()
            raise failed[0]

    async def partition_count(self, topic: str) -> int:
        """How many partitions a topic has.

        Raises:
            aiokafka.errors.KafkaError: the broker did not say.
        """
        producer = await self._started()
        return len(await producer.partitions_for(topic))

    async def stop(self) -> None:
        """Disconnect; a later `send_all` connects again."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = kafka.producer(
                    self._address, client_id=self._client_id, linger_ms=0, max_batch_size=_BATCH_BYTES
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer


async def _fill(
    producer: AIOKafkaProducer, records: Iterable[OutgoingRecord]
) -> Mapping[TopicPartition, Sequence[BatchBuilder]]:
    """The records in batches, by their partitions."""
    batches: dict[TopicPartition, list[BatchBuilder]] = defaultdict(list)
    partitions: dict[str, list[int]] = {}
    for topic, value, key, headers, partition in records:
        if topic not in partitions:
            partitions[topic] = sorted(await producer.partitions_for(topic))
        number = _partition_of(key, partitions[topic], []) if partition is None else partition
        filled = batches[TopicPartition(topic, number)]
        if not filled:
            filled.append(producer.create_batch())
        while filled[-1].append(timestamp=None, key=key, value=value, headers=headers) is None:
            # A batch takes any record as its first, so this ends.
            filled.append(producer.create_batch())
    return batches


async def _send_in_order(
    producer: AIOKafkaProducer, target: TopicPartition, batches: Sequence[BatchBuilder]
) -> None:
    for batch in batches:
        batch.close()
        await (await producer.send_batch(batch, target.topic, partition=target.partition))
