"""Control records on a real broker: written, read back, and safe from writers that come second."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from infra.kafka.topics import ensure_topics
from runtime.control_log import ControlReader, Entry
from runtime.control_writer import ConflictError, ControlWriter
from runtime.settings import KafkaAddress
from schemas.control import CONTROL_TYPES, Tenant
from schemas.topics import DEFAULT_PARTITIONS, Topic

pytestmark = pytest.mark.integration


class Process:
    """A reader and a writer, as one process has them."""

    def __init__(self, address: KafkaAddress, name: str) -> None:
        self.reader = ControlReader(address, {Topic.TENANTS: CONTROL_TYPES[Topic.TENANTS]}, name)
        self.writer = ControlWriter(address, self.reader, name)

    def entry(self, key: str) -> Entry | None:  # type: ignore[type-arg] # of any entity
        return self.reader.state.get(Topic.TENANTS, key)

    async def start(self) -> None:
        await self.reader.start()
        await self.writer.start()

    async def stop(self) -> None:
        await self.writer.stop()
        await self.reader.stop()


@pytest.fixture
async def processes(kafka_address: KafkaAddress) -> AsyncIterator[tuple[Process, Process]]:
    await ensure_topics(kafka_address, DEFAULT_PARTITIONS)
    async with AsyncExitStack() as cleanup:
        pair = Process(kafka_address, "first"), Process(kafka_address, "second")
        for process in pair:
            await process.start()
            cleanup.push_async_callback(process.stop)
        yield pair


async def test_a_write_is_read_back_by_its_writer_and_by_others(processes: tuple[Process, Process]) -> None:
    first, second = processes
    key = uuid.uuid4().hex
    offset = await first.writer.put(Topic.TENANTS, key, Tenant(key, 1))
    assert first.entry(key) == Entry(1, Tenant(key, 1))
    await second.reader.wait_for(Topic.TENANTS, offset, timeout=10)
    assert second.entry(key) == Entry(1, Tenant(key, 1))


async def test_of_two_writes_of_one_version_one_wins_everywhere(processes: tuple[Process, Process]) -> None:
    first, second = processes
    key = uuid.uuid4().hex
    results = await asyncio.gather(
        first.writer.put(Topic.TENANTS, key, Tenant(key, 1)),
        second.writer.put(Topic.TENANTS, key, Tenant(key, 2)),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, ConflictError) for result in results) == [False, True]
    end = max(process.reader.applied[Topic.TENANTS] for process in processes)
    for process in processes:
        await process.reader.wait_for(Topic.TENANTS, end - 1, timeout=10)
        assert process.entry(key) == Entry(2, Tenant(key, 1 if isinstance(results[0], int) else 2))


async def test_the_loser_leaves_the_winner_last_in_the_log(processes: tuple[Process, Process]) -> None:
    """Compaction keeps a key's last record only: a reader that sees no other must come to the same."""
    first, second = processes
    key = uuid.uuid4().hex
    await first.writer.put(Topic.TENANTS, key, Tenant(key, 1))
    with pytest.raises(ConflictError):
        await second.writer.put(Topic.TENANTS, key, Tenant(key, 2))
    current = second.entry(key)
    assert current is not None
    assert current == Entry(2, Tenant(key, 1))
