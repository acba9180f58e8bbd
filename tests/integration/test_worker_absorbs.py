"""The worker on a real broker: absorbs, publishes, dead-letters, ticks, stops and goes on where it was."""

import time

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import HEADER_KIND, Kind
from schemas.dead_letters import HEADER_OFFSET, HEADER_PARTITION, HEADER_REASON, HEADER_TOPIC
from schemas.derived import TrustScore
from schemas.topics import PROCESSORS_GROUP, Topic
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, Block, Fleet, send
from tests.integration.worker_oracle import assert_equals_replay, read_events
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


async def test_state_and_outputs_are_those_of_a_replay_across_restarts(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    fleet = Fleet("absorbs", agents=40, seed=1)
    for _ in range(2):
        offsets = await send(topics, fleet.blocks(300))
        worker.start()
        await worker.has_stored(offsets)
        await worker.has_stored(await send(topics, fleet.blocks(300)))
        assert await worker.stop() == 0
        compared = await assert_equals_replay(topics)
    assert compared.agents >= 40
    assert compared.events > 40
    assert any(isinstance(event.data, TrustScore) for event in await read_events(topics, Topic.TRUST_SCORES))


async def test_an_orderly_stop_commits_what_was_stored(topics: KafkaAddress, worker: WorkerProcess) -> None:
    worker.start()
    offsets = await send(topics, Fleet("commits", agents=10, seed=2).blocks(50))
    await worker.has_stored(offsets)
    assert await worker.stop() == 0
    admin = kafka.admin(topics, client_id="test")
    await admin.start()
    try:
        committed = await admin.list_consumer_group_offsets(PROCESSORS_GROUP)
    finally:
        await admin.close()
    # Ticks may have come after the last checkpoint.
    for partition, offset in offsets:
        assert committed[TopicPartition(Topic.TELEMETRY, partition)].offset > offset


async def test_every_partition_gets_a_tick_a_second(topics: KafkaAddress, worker: WorkerProcess) -> None:
    worker.start()
    await worker.ready()
    began = time.monotonic()
    before = after = _ticks(await _read(topics, Topic.TELEMETRY))

    async def some_came() -> bool:
        nonlocal after
        after = _ticks(await _read(topics, Topic.TELEMETRY))
        return all(later - earlier >= 3 for earlier, later in zip(before, after, strict=True))

    await until("three ticks in each partition", some_came)
    # Two may have been under way when the count began.
    most = time.monotonic() - began + 2
    assert all(later - earlier <= most for earlier, later in zip(before, after, strict=True))


async def test_unreadable_records_are_dead_letters_and_the_log_is_read_on(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    good = Fleet("dead-letters", agents=1, seed=3).blocks(1)[0]
    broken = [
        Block(good.partition, [], b"no headers at all"),
        Block(good.partition, good.headers, good.value[:-2]),
        Block(good.partition, good.headers, b"\x00" * (len(good.value) - 1) + b"\n"),
        Block(good.partition, [(HEADER_KIND, b"\xff"), *good.headers[1:]], good.value),
    ]
    offsets = await send(topics, [*broken, good])
    worker.start()
    await worker.has_stored(offsets)
    assert await worker.stop() == 0
    read = await _read(topics, Topic.TELEMETRY_DEAD_LETTERS)
    # What has no origin, or one on another topic, was left by another test.
    ours = [record for record in read if dict(record.headers).get(HEADER_TOPIC) == Topic.TELEMETRY.encode()]
    letters = {_origin(record): record for record in ours}
    for block, origin in zip(broken, offsets[:-1], strict=True):
        letter = letters[origin]
        headers = dict(letter.headers)
        assert letter.value == block.value
        assert tuple(letter.headers[: len(block.headers)]) == tuple(block.headers)
        assert headers[HEADER_REASON]
    assert offsets[-1] not in letters
    await assert_equals_replay(topics)


def _origin(record: ConsumerRecord) -> tuple[int, int]:
    headers = dict(record.headers)
    return int(headers[HEADER_PARTITION]), int(headers[HEADER_OFFSET])


def _ticks(records: list[ConsumerRecord]) -> list[int]:
    ticks = [r.partition for r in records if dict(r.headers).get(HEADER_KIND) == Kind.TICK.encode()]
    return [ticks.count(partition) for partition in range(PARTITIONS)]


async def _read(address: KafkaAddress, topic: str) -> list[ConsumerRecord]:
    reader = kafka.consumer(address, client_id="test")
    await reader.start()
    try:
        targets = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        ends = await reader.end_offsets(targets)
        reader.assign(targets)
        await reader.seek_to_beginning(*targets)
        found: list[ConsumerRecord] = []
        while [tp for tp in targets if await reader.position(tp) < ends[tp]]:
            for records in (await reader.getmany(timeout_ms=200)).values():
                found += records
        return found
    finally:
        await reader.stop()
