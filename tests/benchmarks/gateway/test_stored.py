"""Events are counted in either peer's records, and on a real topic since a mark."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.admin import NewTopic

from benchmarks.gateway.payloads import collector_body
from benchmarks.gateway.stored import StoredEvents, collector_events, gateway_events
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import Kind, Segment, encode_headers

TOPIC = "test.bench-stored"
PARTITIONS = 2


def record(value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> ConsumerRecord:
    return ConsumerRecord(TOPIC, 0, 0, 0, 0, None, value, None, 0, len(value), headers)


def test_a_block_holds_the_lines_of_its_segments() -> None:
    segments = [Segment("default", "a", b"x" * 16, False, lines, 3 * lines, 0) for lines in (2, 3)]
    assert gateway_events(record(b"{}\n" * 5, tuple(encode_headers(Kind.LOG, segments)))) == 5


def test_an_otlp_record_holds_its_log_records() -> None:
    assert collector_events(record(collector_body("agent-7", 12, seed=1))) == 12


@pytest.fixture
async def consumer(kafka_address: KafkaAddress) -> AsyncIterator[AIOKafkaConsumer]:
    admin = kafka.admin(kafka_address, client_id="test")
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    await admin.close()
    reader = kafka.consumer(kafka_address, client_id="test", auto_offset_reset="earliest")
    await reader.start()
    yield reader
    await reader.stop()


@pytest.mark.integration
async def test_what_came_before_a_mark_does_not_count(
    consumer: AIOKafkaConsumer, kafka_address: KafkaAddress
) -> None:
    stored = StoredEvents(consumer, TOPIC, PARTITIONS, collector_events)
    producer = kafka.producer(kafka_address, client_id="test")
    await producer.start()
    await producer.send_and_wait(TOPIC, collector_body("agent-7", 100, seed=1), partition=0)
    mark = await stored.mark()
    for partition in (0, 1, 1):
        await producer.send_and_wait(TOPIC, collector_body("agent-7", 10, seed=1), partition=partition)
    await producer.stop()
    assert await stored.since(mark) == 30
    assert await stored.since(await stored.mark()) == 0
