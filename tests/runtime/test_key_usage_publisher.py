"""Uses of keys come to their topic; without a broker they are noted anew, and nobody waits."""

import asyncio
import uuid

import msgspec
import pytest
from aiokafka import TopicPartition

from infra.kafka.topics import ensure_topics
from runtime import kafka, key_usage_publisher
from runtime.key_usage import KeyUsage
from runtime.key_usage_publisher import KeyUsagePublisher
from runtime.settings import KafkaAddress
from schemas.key_usage import KeyUse
from schemas.topics import DEFAULT_PARTITIONS, Topic
from tests.ports import unused


async def uses_of(address: KafkaAddress, key_id: str) -> list[KeyUse]:
    place = TopicPartition(Topic.KEY_USAGE, 0)
    consumer = kafka.consumer(address, client_id="test")
    await consumer.start()
    consumer.assign([place])
    await consumer.seek_to_beginning(place)
    end, found = (await consumer.end_offsets([place]))[place], []
    while await consumer.position(place) < end:
        for batch in (await consumer.getmany(timeout_ms=500)).values():
            found += [record.value for record in batch if record.key == key_id.encode()]
    await consumer.stop()
    return [msgspec.json.decode(value, type=KeyUse) for value in found]


@pytest.mark.integration
async def test_each_note_becomes_a_record_and_the_last_ones_when_it_stops(
    kafka_address: KafkaAddress,
) -> None:
    await ensure_topics(kafka_address, DEFAULT_PARTITIONS)
    first, last = uuid.uuid4().hex, uuid.uuid4().hex
    usage = KeyUsage()
    publisher = KeyUsagePublisher(usage, kafka_address, client_id="test")
    publisher.start()
    usage.note(first, 5)
    async with asyncio.timeout(60):
        while await uses_of(kafka_address, first) != [KeyUse(5)]:  # noqa: ASYNC110 - another process would poll too
            await asyncio.sleep(0.1)
    usage.note(last, 6)
    await publisher.stop()
    assert await uses_of(kafka_address, last) == [KeyUse(6)]


async def test_without_a_broker_notes_are_lost_and_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_usage_publisher, "_SEND_SECONDS", 0.2)
    usage = KeyUsage()
    publisher = KeyUsagePublisher(usage, KafkaAddress(f"127.0.0.1:{unused()}"), client_id="test")
    usage.note("a", 5)
    assert not await publisher._publish()
    usage.note("a", 6)
    assert usage.take(6) == {"a": 6}
    await publisher.stop()
