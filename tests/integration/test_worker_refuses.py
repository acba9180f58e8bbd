"""State that does not belong to the log is refused with one clear sentence, and nothing is overwritten."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from tests.embedded_broker import EmbeddedBroker
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, Fleet, send
from tests.integration.worker_oracle import assert_equals_replay
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A broker of the module's own, because its log and state are spoilt."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("broker"))
    broker.start()
    asyncio.run(ensure_topics(broker.address, PARTITIONS))
    yield broker
    broker.stop()


@pytest.fixture
async def used(broker: EmbeddedBroker, tmp_path: Path) -> AsyncIterator[tuple[KafkaAddress, WorkerProcess]]:
    """A log and state of the test's own, which a worker has stored before it stopped."""
    address = broker.address
    await _recreate(address, Topic.TELEMETRY, Topic.PROCESSOR_STATE)
    worker = WorkerProcess(address, tmp_path, instance="refuses")
    worker.start()
    await worker.has_stored(await send(address, _fleet(tmp_path, seed=9).blocks(50)))
    assert await worker.stop() == 0
    yield address, worker
    worker.kill()


def _fleet(folder: Path, seed: int) -> Fleet:
    """Of a tenant that no other test has, as events about it stay where they are."""
    name = f"refuses-{seed}-{folder.name}"
    return Fleet(name, agents=10, seed=seed, tenant=name)


async def _recreate(address: KafkaAddress, *topics: Topic) -> None:
    admin = kafka.admin(address, client_id="test")
    await admin.start()
    try:
        await admin.delete_topics([topic.value for topic in topics])

        async def are_gone() -> bool:
            return not set(topics) & set(await admin.list_topics())

        await until(f"{topics} are gone", are_gone)
    finally:
        await admin.close()
    await ensure_topics(address, PARTITIONS)


async def test_a_recreated_topic(used: tuple[KafkaAddress, WorkerProcess]) -> None:
    address, worker = used
    await _recreate(address, Topic.TELEMETRY)
    # Longer than the old one was, so that offsets alone would not tell.
    await send(address, Fleet("other", agents=10, seed=10).blocks(500))
    worker.start()
    assert await worker.exit_code() == 1
    assert "refusing to start: " in worker.log
    assert "the topic was recreated" in worker.log


async def test_lost_state_is_made_anew_while_the_log_is_whole(
    used: tuple[KafkaAddress, WorkerProcess],
) -> None:
    address, worker = used
    await _recreate(address, Topic.PROCESSOR_STATE)
    worker.start()
    await worker.has_stored(await send(address, Fleet("anew", agents=10, seed=11).blocks(50)))
    assert await worker.stop() == 0
    compared = await assert_equals_replay(address)
    assert compared.repeated > 0


async def test_lost_state_is_refused_when_the_log_has_lost_its_start(
    used: tuple[KafkaAddress, WorkerProcess],
) -> None:
    address, worker = used
    await _recreate(address, Topic.PROCESSOR_STATE)
    await _delete_first_records(address)
    worker.start()
    assert await worker.exit_code() == 1
    assert "refusing to start: " in worker.log


async def _delete_first_records(address: KafkaAddress) -> None:
    admin = kafka.admin(address, client_id="test")
    await admin.start()
    try:
        await admin.delete_records(
            {TopicPartition(Topic.TELEMETRY, p): RecordsToDelete(before_offset=2) for p in range(PARTITIONS)}
        )
    finally:
        await admin.close()
