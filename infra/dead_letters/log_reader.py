"""Reads stretches of topics, outside of any consumer group."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from infra.errors import StackError
from infra.kafka.topics import partition_counts
from runtime import kafka
from runtime.settings import KafkaAddress

_CLIENT_ID = "promethios-dead-letters"
_POLL_MS = 500
_SILENT_SECONDS = 30.0

Stretch = tuple[int, int]


class LogReader:
    """One consumer that is pointed at one stretch after the other; an asynchronous context manager."""

    def __init__(self, address: KafkaAddress) -> None:
        """Nothing is connected before it is entered."""
        self._consumer: AIOKafkaConsumer = kafka.consumer(address, client_id=_CLIENT_ID)
        self._admin: AIOKafkaAdminClient = kafka.admin(address, client_id=_CLIENT_ID)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            aiokafka.errors.KafkaError: the brokers do not answer.
        """
        try:
            await self._admin.start()
            await self._consumer.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()
        await self._admin.close()

    async def stretches(self, topics: Iterable[str], since_ms: int = 0) -> dict[TopicPartition, Stretch]:
        """All partitions of these topics, from the first record at or after a time to the end as it is now.

        Raises:
            StackError: a topic does not exist.
        """
        wanted = list(topics)
        counts = await partition_counts(self._admin, wanted)
        if missing := set(wanted) - set(counts):
            raise StackError(f"The cluster has no {', '.join(sorted(missing))}: `promethios up` makes it.")
        places = [TopicPartition(topic, n) for topic in wanted for n in range(counts[topic])]
        return {place: await self.stretch(place, since_ms) for place in places}

    async def stretch(self, place: TopicPartition, since_ms: int = 0) -> Stretch:
        """One partition from the first record at or after a time to the end as it is now."""
        start = (await self._consumer.beginning_offsets([place]))[place]
        end = (await self._consumer.end_offsets([place]))[place]
        if since_ms > 0:
            found = (await self._consumer.offsets_for_times({place: since_ms}))[place]
            start = end if found is None else max(start, found.offset)
        return start, end

    async def read(self, stretches: Mapping[TopicPartition, Stretch]) -> AsyncIterator[ConsumerRecord]:
        """The records of these stretches, from their start to their end, excluded, each partition in order.

        Raises:
            aiokafka.errors.KafkaError: the broker refused.
            TimeoutError: nothing came for half a minute.
        """
        waiting = {place: end for place, (start, end) in stretches.items() if start < end}
        self._consumer.assign(list(waiting))
        for place in waiting:
            self._consumer.seek(place, stretches[place][0])
        while waiting:
            for record in await self._next(waiting):
                if record.offset < waiting[TopicPartition(record.topic, record.partition)]:
                    yield record
            for place in list(waiting):
                if await self._consumer.position(place) >= waiting[place]:
                    self._consumer.pause(place)
                    del waiting[place]

    async def _next(self, waiting: Iterable[TopicPartition]) -> list[ConsumerRecord]:
        """Wait for records, or for a position to move over a gap."""
        places = list(waiting)
        before = [await self._consumer.position(place) for place in places]
        async with asyncio.timeout(_SILENT_SECONDS):
            while True:
                batches = await self._consumer.getmany(*places, timeout_ms=_POLL_MS)
                if batches or before != [await self._consumer.position(place) for place in places]:
                    return [record for records in batches.values() for record in records]
