"""Reading a stretch of a partition to its end, outside of any consumer group."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

_STALLED_SECONDS = 30.0
_POLL_MS = 500


async def read_to(
    reader: AIOKafkaConsumer, target: TopicPartition, end: int
) -> AsyncIterator[ConsumerRecord]:
    """The records from the reader's position up to `end`, excluded; `target` must be assigned.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
        TimeoutError: nothing came for 30 seconds before `end` was reached.
    """
    while await reader.position(target) < end:
        for record in await _next_records(reader, target):
            if record.offset < end:
                yield record


async def _next_records(reader: AIOKafkaConsumer, target: TopicPartition) -> Sequence[ConsumerRecord]:
    """Wait for records, or for the position to move over a gap."""
    position = await reader.position(target)
    async with asyncio.timeout(_STALLED_SECONDS):
        while await reader.position(target) == position:
            batches = await reader.getmany(target, timeout_ms=_POLL_MS)
            if records := batches.get(target):
                return list(records)
    return ()
