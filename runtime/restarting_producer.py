"""A Kafka producer that is made anew after each failure, because its sequence numbers may be spoilt by it."""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from runtime import kafka
from runtime.settings import KafkaAddress


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
        failed = [result for result in results if isinstance(result, BaseException)]
        if failed:
            await self.stop()
            raise failed[0]
        return [result.offset for result in results]

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
                producer = kafka.producer(self._address, client_id=self._client_id, linger_ms=0)
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer
