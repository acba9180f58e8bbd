"""The sink on a real broker keeps the promises that the fake keeps."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic

from ingest_gateway.kafka_sink import KafkaSink
from ingest_gateway.sink import Sink, SinkError
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import DEFAULT_PARTITIONS
from tests.ingest_gateway.sink_suite import SinkSuite, Stored, StoredRecord

pytestmark = pytest.mark.integration


class TestKafkaSink(SinkSuite):
    """The suite on the real broker."""

    @pytest.fixture
    async def topic(self, kafka_address: KafkaAddress) -> str:
        """A topic of the test's own, because what the suite writes is no telemetry."""
        name = f"sink-suite-{uuid.uuid4()}"
        admin = kafka.admin(kafka_address, client_id="test")
        await admin.start()
        sizes = {"max.message.bytes": str(16 * 1024 * 1024), "message.timestamp.type": "LogAppendTime"}
        await admin.create_topics([NewTopic(name, DEFAULT_PARTITIONS, 1, topic_configs=sizes)])
        await admin.close()
        return name

    @pytest.fixture
    async def sink(self, kafka_address: KafkaAddress, topic: str) -> AsyncIterator[Sink]:
        sink = KafkaSink(kafka_address, topic, client_id="test")
        assert await sink.start() == DEFAULT_PARTITIONS
        yield sink
        await sink.stop()

    @pytest.fixture
    def partitions(self) -> int:
        return DEFAULT_PARTITIONS

    @pytest.fixture
    async def stored(self, sink: Sink, kafka_address: KafkaAddress, topic: str) -> Stored:
        assert sink.is_connected

        async def read(partition: int) -> list[StoredRecord]:
            place = TopicPartition(topic, partition)
            consumer = kafka.consumer(kafka_address, client_id="test")
            await consumer.start()
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            end = (await consumer.end_offsets([place]))[place]
            records = []
            while await consumer.position(place) < end:
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    records += [StoredRecord(r.value, list(r.headers), r.timestamp) for r in batch]
            await consumer.stop()
            return records

        return read

    async def test_a_producer_out_of_sequence_is_replaced_by_itself(self, sink: Sink, stored: Stored) -> None:
        assert isinstance(sink, KafkaSink)
        await sink.publish(0, b"first", [])
        # What a batch that was given up leaves behind (aiokafka issue 1017): numbers the broker never saw.
        producer = sink._producer
        assert producer is not None
        producer._txn_manager.increment_sequence_number(TopicPartition(sink._topic, 0), 1)
        with pytest.raises(SinkError, match="OutOfOrderSequenceNumber"):
            await sink.publish(0, b"lost, and said so", [])
        async with asyncio.timeout(60):
            while not sink.is_connected:  # noqa: ASYNC110 - the sink has no event for it
                await asyncio.sleep(0.01)
        await sink.publish(0, b"second", [])
        assert [value for value, *_ in await stored(0)] == [b"first", b"second"]
        assert sink._producer is not producer
