"""A topic is read to its end before the follower is ready, and followed from there."""

import asyncio
import os
import signal
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord

from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress
from runtime.topic_follower import TopicFollower
from schemas.topics import DEFAULT_PARTITIONS, Topic
from tests.embedded_broker import EmbeddedBroker

pytestmark = pytest.mark.integration


async def publish(address: KafkaAddress, key: str) -> int:
    producer = kafka.producer(address, client_id="test")
    await producer.start()
    sent = await producer.send_and_wait(Topic.TENANTS, b"{}", key=key.encode(), partition=0)
    await producer.stop()
    return int(sent.offset)


async def test_what_was_there_comes_before_it_is_ready_and_what_comes_later_too(
    kafka_address: KafkaAddress,
) -> None:
    await ensure_topics(kafka_address, DEFAULT_PARTITIONS)
    before, after = uuid.uuid4().hex, uuid.uuid4().hex
    await publish(kafka_address, before)
    seen: list[str] = []

    def take(topic: str, records: Sequence[ConsumerRecord]) -> None:
        assert topic == Topic.TENANTS
        seen.extend((record.key or b"").decode() for record in records)

    follower = TopicFollower(kafka_address, [Topic.TENANTS], "test", take)
    await follower.start()
    assert follower.following
    assert seen.count(before) == 1
    await follower.wait_for(Topic.TENANTS, await publish(kafka_address, after), timeout=60)
    assert seen.count(after) == 1
    with pytest.raises(TimeoutError):
        await follower.wait_for(Topic.TENANTS, follower.applied[Topic.TENANTS] + 1000, timeout=0.01)
    await follower.stop()


async def test_a_broker_that_falls_silent_is_noticed(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    try:
        address = broker.address
        await ensure_topics(address, DEFAULT_PARTITIONS)
        follower = TopicFollower(
            address, [Topic.TENANTS, Topic.AGENTS], "test", lambda _topic, _records: None
        )
        await follower.start()
        async with asyncio.timeout(60):
            os.kill(broker.pid, signal.SIGSTOP)
            while follower.silent_seconds < 2:  # noqa: ASYNC110 - silence has no event
                await asyncio.sleep(0.05)
            os.kill(broker.pid, signal.SIGCONT)
            while follower.silent_seconds > 1:  # noqa: ASYNC110 - silence has no event
                await asyncio.sleep(0.05)
        assert follower.following
        await follower.stop()
    finally:
        broker.kill()


async def test_it_ends_when_a_record_cannot_be_taken(kafka_address: KafkaAddress) -> None:
    await ensure_topics(kafka_address, DEFAULT_PARTITIONS)
    key = uuid.uuid4().hex

    def take(_topic: str, records: Sequence[ConsumerRecord]) -> None:
        if any(record.key == key.encode() for record in records):
            raise ValueError("not mine")

    follower = TopicFollower(kafka_address, [Topic.TENANTS], "test", take)
    await follower.start()
    await publish(kafka_address, key)
    async with asyncio.timeout(60):
        while follower.following:  # noqa: ASYNC110 - the follower has no event for its end
            await asyncio.sleep(0.01)
    with pytest.raises(ValueError, match="not mine"):
        await follower.stop()
