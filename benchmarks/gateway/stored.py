"""What the topics have: whether every acknowledged event is there."""

import asyncio
from collections.abc import Callable, Mapping

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.block import decode_block

_QUIET_SECONDS = 0.3

Mark = Mapping[TopicPartition, int]


class _LogRecords(msgspec.Struct, rename="camel"):
    log_records: list[msgspec.Raw]


class _ScopeLogs(msgspec.Struct, rename="camel"):
    scope_logs: list[_LogRecords]


class _Otlp(msgspec.Struct, rename="camel"):
    resource_logs: list[_ScopeLogs]


def gateway_events(record: ConsumerRecord) -> int:
    """How many events a block holds."""
    return sum(segment.lines for segment in decode_block(record.headers, record.value).segments)


def collector_events(record: ConsumerRecord) -> int:
    """How many log records an OTLP/JSON record holds."""
    decoded = msgspec.json.decode(record.value or b"", type=_Otlp)
    return sum(len(scope.log_records) for resource in decoded.resource_logs for scope in resource.scope_logs)


class StoredEvents:
    """Counts the events that a topic has received since a mark, by reading them all."""

    def __init__(
        self, consumer: AIOKafkaConsumer, topic: str, partitions: int, count: Callable[[ConsumerRecord], int]
    ) -> None:
        """`consumer` is started and nobody else's; `count` tells how many events a record holds."""
        self._consumer = consumer
        self._partitions = [TopicPartition(topic, number) for number in range(partitions)]
        self._count = count

    async def mark(self) -> Mark:
        """Where the topic ends, once no more comes of what was under way."""
        ends: Mark = await self._consumer.end_offsets(self._partitions)
        while True:
            await asyncio.sleep(_QUIET_SECONDS)
            later: Mark = await self._consumer.end_offsets(self._partitions)
            if later == ends:
                return ends
            ends = later

    async def since(self, mark: Mark) -> int:
        """The events that came after `mark`, once no more come."""
        ends = await self.mark()
        unread = {partition for partition in ends if mark[partition] < ends[partition]}
        self._consumer.assign(self._partitions)
        for partition, offset in mark.items():
            self._consumer.seek(partition, offset)
        events = 0
        while unread:
            fetched = await self._consumer.getmany(*unread, timeout_ms=1000)
            events += sum(self._count(record) for records in fetched.values() for record in records)
            unread = {
                partition
                for partition in unread
                if await self._consumer.position(partition) < ends[partition]
            }
        # Else it would fetch ahead while the next load is measured.
        self._consumer.assign([])
        return events
