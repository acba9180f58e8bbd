"""The state log on a real broker: what was written is read again, and a topic has an id."""

import contextlib
import time
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import NewTopic
from aiokafka.errors import InvalidTimestampError, UnknownTopicOrPartitionError

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import LATEST_STATE_MS, TOPICS, Topic
from stream_processors.state.log import StateLog
from stream_processors.state.snapshot import StateEntry, encode_record, state_record
from stream_processors.state.topic_id import fetch_topic_id
from tests.integration.stream_process import until

pytestmark = pytest.mark.integration


@pytest.fixture
async def topic(kafka_address: KafkaAddress) -> AsyncIterator[str]:
    """A topic of the test's own; of its own name too, as a broker may still know a deleted one."""
    name = f"test-state-{uuid4()}"
    admin = kafka.admin(kafka_address, client_id="test")
    await admin.start()
    config = dict(TOPICS[Topic.PROCESSOR_STATE].config)
    await admin.create_topics([NewTopic(name, 2, 1, topic_configs=config)])

    async def is_known() -> bool:
        return name in await admin.list_topics()

    await until(f"the topic {name}", is_known)
    yield name
    await admin.delete_topics([name])
    await admin.close()


async def test_what_was_written_is_read_again(kafka_address: KafkaAddress, topic: str) -> None:
    log = StateLog(topic, kafka_address, client_id="test")
    many = {f"agent-{n}": StateEntry(n, b"x" * 300) for n in range(10_000)}
    large = StateEntry(7, b"y" * 5_000_000)
    await log.write(1, 10_000, [state_record(key, *entry) for key, entry in many.items()], b"first")
    changed = [state_record("large", *large), state_record("agent-0", 10_001, None)]
    await log.write(1, 10_001, changed, b"second")

    another = StateLog(topic, kafka_address, client_id="another")
    snapshot = await another.load(1)
    assert another.loaded == len(many) + 4

    del many["agent-0"]
    assert (snapshot.fence, snapshot.meta) == (10_001, b"second")
    assert snapshot.entries == {**many, "large": large}
    assert (await log.load(0)).meta is None
    await log.stop()


async def test_what_left_a_stale_owner_late_is_refused_by_the_broker(
    kafka_address: KafkaAddress, topic: str
) -> None:
    """As if it had been stopped between making the record and sending it."""
    log = StateLog(topic, kafka_address, client_id="test")
    await log.write(0, 5, [state_record("a", 5, b"true")], b"meta")
    key, value, headers = encode_record(state_record("a", 4, b"stale"))
    late = time.time_ns() // 1_000_000 - 2 * LATEST_STATE_MS
    stale = kafka.producer(kafka_address, client_id="stale")
    await stale.start()
    with pytest.raises(InvalidTimestampError):
        await stale.send_and_wait(topic, value, key, partition=0, headers=headers, timestamp_ms=late)
    await stale.stop()
    assert (await log.load(0)).entries == {"a": StateEntry(5, b"true")}
    assert log.loaded == 2
    await log.stop()


async def test_the_newest_fence_is_found_from_the_end(kafka_address: KafkaAddress, topic: str) -> None:
    log = StateLog(topic, kafka_address, client_id="test")
    assert await log.newest_fence(0) == -1
    await log.write(0, 4, [state_record("a", 4, b"x")], b"meta")
    assert await log.newest_fence(0) == 4
    # The entries of a checkpoint that is not complete hide the meta record of the one before.
    unfinished = kafka.producer(kafka_address, client_id="test")
    await unfinished.start()
    for number in range(250):
        key, value, headers = encode_record(state_record(f"agent-{number}", 9, b"y"))
        await unfinished.send(topic, value, key=key, headers=headers, partition=0)
    await unfinished.stop()
    assert await log.newest_fence(0) == 4
    await log.stop()


async def test_what_a_stale_owner_writes_late_counts_for_nothing(
    kafka_address: KafkaAddress, topic: str
) -> None:
    owner, stale = (StateLog(topic, kafka_address, client_id=name) for name in ("owner", "stale"))
    await owner.write(0, 20, [state_record("a", 20, b"new")], b"owner")
    late = [state_record("a", 12, b"old"), state_record("b", 11, b"same for both")]
    await stale.write(0, 12, late, b"stale")

    snapshot = await owner.load(0)

    assert (snapshot.fence, snapshot.meta) == (20, b"owner")
    assert snapshot.entries == {"a": StateEntry(20, b"new"), "b": StateEntry(11, b"same for both")}
    await owner.stop()
    await stale.stop()


async def test_a_recreated_topic_has_another_id(kafka_address: KafkaAddress) -> None:
    admin = kafka.admin(kafka_address, client_id="test")
    consumer = kafka.consumer(kafka_address, client_id="test")
    await admin.start()
    await consumer.start()
    await admin.create_topics([NewTopic("test-recreated", 1, 1)])
    before = await _topic_id(consumer, "test-recreated")
    assert await fetch_topic_id(consumer, "test-recreated") == before

    await admin.delete_topics(["test-recreated"])
    await admin.create_topics([NewTopic("test-recreated", 1, 1)])

    async def is_another() -> bool:
        # A broker may answer with the old one before it has heard of the change.
        return await _topic_id(consumer, "test-recreated") != before

    await until("another id", is_another)
    await admin.delete_topics(["test-recreated"])
    await consumer.stop()
    await admin.close()


async def _topic_id(consumer: AIOKafkaConsumer, topic: str) -> UUID:
    """The id, once the broker's metadata knows the topic."""
    found: list[UUID] = []

    async def is_known() -> bool:
        with contextlib.suppress(UnknownTopicOrPartitionError):
            found.append(await fetch_topic_id(consumer, topic))
        return bool(found)

    await until(f"the topic {topic}", is_known)
    return found[0]
