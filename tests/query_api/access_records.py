"""What stands on the topic of accesses, read as the writer reads it."""

import asyncio
from collections.abc import Callable

import msgspec
from aiokafka import TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.accesses import Access
from schemas.topics import DEFAULT_PARTITIONS, Topic

_SECONDS = 120.0


def accesses_until(address: KafkaAddress, enough: Callable[[list[Access]], bool]) -> list[Access]:
    """All accesses on the topic, in the order of their arrival in each partition, once they are enough."""
    return asyncio.run(read_accesses(address, enough))


async def read_accesses(address: KafkaAddress, enough: Callable[[list[Access]], bool]) -> list[Access]:
    """The same, within an event loop."""
    consumer = kafka.consumer(address, client_id="test-accesses")
    await consumer.start()
    found: list[Access] = []
    try:
        places = [TopicPartition(Topic.ACCESSES, number) for number in range(DEFAULT_PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        async with asyncio.timeout(_SECONDS):
            while not enough(found):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [msgspec.json.decode(record.value, type=Access) for record in records]
    finally:
        await consumer.stop()
    return found
