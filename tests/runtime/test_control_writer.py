"""Control records on a real broker: written, read back, and safe from writers that come second."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import msgspec
import pytest
from aiokafka import TopicPartition

from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.control_log import ControlReader
from runtime.control_state import ControlState, Entry, Envelope
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
    await second.reader.wait_for(Topic.TENANTS, offset, timeout=60)
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
    for process in processes:
        async with asyncio.timeout(60):
            await process.reader.wait_until(lambda process=process: bool(process.entry(key)))  # type: ignore[misc] # the default binds it
        entry = process.entry(key)
        assert entry is not None
        assert entry.data == Tenant(key, 1 if isinstance(results[0], int) else 2)


async def append(address: KafkaAddress, key: str, *versions: tuple[int, int]) -> int:
    """Write (version, created_at) as a process does that never learns how it went; the last one's offset."""
    offset = -1
    producer = kafka.producer(address, client_id="late")
    await producer.start()
    for version, created_at in versions:
        data = msgspec.Raw(msgspec.json.encode(Tenant(key, created_at)))
        value = msgspec.json.encode(Envelope(version, uuid.uuid4().hex, data))
        offset = (await producer.send_and_wait(Topic.TENANTS, value, key=key.encode(), partition=0)).offset
    await producer.stop()
    return offset


async def last_value(address: KafkaAddress, key: str) -> bytes:
    """What compaction leaves of a key."""
    place = TopicPartition(Topic.TENANTS, 0)
    consumer = kafka.consumer(address, client_id="compacted")
    await consumer.start()
    consumer.assign([place])
    await consumer.seek_to_beginning(place)
    end = (await consumer.end_offsets([place]))[place]
    values = []
    while await consumer.position(place) < end:
        for batch in (await consumer.getmany(timeout_ms=500)).values():
            values += [record.value for record in batch if record.key == key.encode()]
    await consumer.stop()
    return bytes(values[-1])


async def check_compacted(address: KafkaAddress, process: Process, key: str, winner: Tenant) -> None:
    """Whoever reads after compaction comes to the same as `process`, in which the winner stands."""
    async with asyncio.timeout(60):
        await process.reader.wait_until(lambda: not process.reader.state.overtaken)
    entry = process.entry(key)
    assert entry is not None
    assert entry.data == winner
    late = ControlState({Topic.TENANTS: Tenant})
    late.apply(Topic.TENANTS, key, await last_value(address, key))
    assert late.get(Topic.TENANTS, key) == entry


async def test_a_loser_that_comes_last_does_not_stay_last(
    processes: tuple[Process, Process], kafka_address: KafkaAddress
) -> None:
    first, second = processes
    key = uuid.uuid4().hex
    await first.writer.put(Topic.TENANTS, key, Tenant(key, 1))
    with pytest.raises(ConflictError):
        await second.writer.put(Topic.TENANTS, key, Tenant(key, 2))
    await check_compacted(kafka_address, second, key, Tenant(key, 1))


async def test_nor_does_one_whose_writers_are_gone(
    processes: tuple[Process, Process], kafka_address: KafkaAddress
) -> None:
    """Two creates that timed out and arrived late, seen by those who run and by one who starts later."""
    running, _ = processes
    key, later_key = uuid.uuid4().hex, uuid.uuid4().hex
    offset = await append(kafka_address, key, (1, 1), (1, 2))
    await running.reader.wait_for(Topic.TENANTS, offset, timeout=60)
    await check_compacted(kafka_address, running, key, Tenant(key, 1))
    for process in processes:
        await process.stop()
    await append(kafka_address, later_key, (1, 1), (2, 3), (2, 4))
    later = Process(kafka_address, "later")
    await later.start()
    await check_compacted(kafka_address, later, later_key, Tenant(later_key, 3))
    await later.stop()


async def test_a_write_that_is_built_upon_at_once_is_no_conflict(
    processes: tuple[Process, Process], kafka_address: KafkaAddress
) -> None:
    first, second = processes
    key = uuid.uuid4().hex
    # The reader of the first sees nothing until both records are there.
    poll = first.reader._poll
    waiting, built_upon = asyncio.Event(), asyncio.Event()

    async def late_poll() -> None:
        waiting.set()
        await built_upon.wait()
        await poll()

    first.reader._poll = late_poll  # type: ignore[method-assign] # a slow process
    await waiting.wait()
    writing = asyncio.create_task(first.writer.put(Topic.TENANTS, key, Tenant(key, 1)))
    await second.reader.wait_until(lambda: second.entry(key) is not None)
    await append(kafka_address, key, (2, 2))
    built_upon.set()
    await writing
    await first.reader.wait_until(lambda: first.entry(key) == Entry(2, Tenant(key, 2)))
