"""Stretches of real topics are read from their start to their end, and no further."""

import pytest
from aiokafka import TopicPartition

from infra.dead_letters.log_reader import LogReader
from infra.errors import StackError
from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import Topic

pytestmark = pytest.mark.integration

PLACE = TopicPartition(Topic.TELEMETRY_DEAD_LETTERS.value, 3)


async def test_a_stretch_is_read_whole_in_order_and_not_beyond(kafka_address: KafkaAddress) -> None:
    await ensure_topics(kafka_address, 4)
    producer = kafka.producer(kafka_address, client_id="test")
    await producer.start()
    sent = [
        await producer.send_and_wait(PLACE.topic, b"%d" % n, partition=PLACE.partition) for n in range(1, 4)
    ]
    await producer.stop()
    first = sent[0].offset
    async with LogReader(kafka_address) as reader:
        stretches = await reader.stretches([PLACE.topic])
        assert len(stretches) == 4
        _, end = stretches[PLACE]
        assert end == first + 3

        async def read(start: int, end: int) -> list[bytes]:
            return [record.value async for record in reader.read({PLACE: (start, end)})]

        assert await read(first, end) == [b"1", b"2", b"3"]
        assert await read(first + 1, first + 2) == [b"2"]
        assert await read(end, end) == []
        # Nothing is as late as that.
        assert await reader.stretch(PLACE, 1 << 60) == (end, end)
        with pytest.raises(StackError, match=r"no promethios\.other"):
            await reader.stretches(["promethios.other"])
