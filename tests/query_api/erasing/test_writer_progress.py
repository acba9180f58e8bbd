"""A log that holds something nobody has stored is behind."""

import pytest
from aiokafka import TopicPartition

from query_api.erasing.writer_progress import WriterProgress
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import WRITER_GROUP, Service, Topic
from tests.embedded_broker import as_service

pytestmark = pytest.mark.integration

PLACE = TopicPartition(Topic.TELEMETRY.value, 0)


async def test_what_is_committed_is_stored(control_kafka: KafkaAddress) -> None:
    producer = kafka.producer(control_kafka, client_id="test")
    await producer.start()
    sent = await producer.send_and_wait(PLACE.topic, b"x", partition=PLACE.partition)
    await producer.stop()
    consumer = kafka.consumer(control_kafka, client_id="test", group_id=WRITER_GROUP)
    await consumer.start()
    consumer.assign([PLACE])
    try:
        async with WriterProgress(as_service(control_kafka, Service.QUERY), "test") as progress:
            ends = await progress.ends()
            assert ends[PLACE] > sent.offset
            await consumer.commit({PLACE: sent.offset})
            assert PLACE in await progress.behind(ends)
            await consumer.commit({PLACE: ends[PLACE]})
            assert PLACE not in await progress.behind(ends)
    finally:
        await consumer.stop()
