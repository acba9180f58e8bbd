"""Partitions get an owner when they are assigned, and lose it with everything when they are revoked."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

from stream_processors.state.bounds import StateMismatchError
from stream_processors.writer import consumer as consumer_module
from stream_processors.writer.consumer import TOPICS, PartitionOwner
from stream_processors.writer.offsets import Membership, PartitionLostError
from stream_processors.writer.rows import Record
from tests.stream_processors.writer.fakes import PARTITION, World, eventually, services
from tests.stream_processors.writer.records import FakeRecord


class FakeConsumer(World):
    """Hands out what a test puts into `fetched`; an exception is raised."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: asyncio.Queue[Any] = asyncio.Queue()
        self.topics: list[str] = []

    def subscribe(self, topics: list[str], *, listener: PartitionOwner) -> None:
        self.topics = topics
        self.listener = listener

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[Record]]:
        assert timeout_ms < 1000
        try:
            async with asyncio.timeout(0.01):
                found = await self.fetched.get()
        except TimeoutError:
            return {}
        if isinstance(found, Exception):
            raise found
        return {PARTITION: found}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.events.append(("seek", partition, offset))


class FakeWriter:
    """An owner that notes what it is fed, until it is told how to end."""

    ends: Callable[[], None] | None = None

    def __init__(self, partition: TopicPartition, membership: Membership, _: object) -> None:
        self.partition, self.membership = partition, membership
        self.fed: list[Record] = []
        self.began = self.cancelled = False

    def feed(self, records: list[Record]) -> None:
        self.fed += records

    async def run(self) -> None:
        self.began = True
        try:
            await eventually(lambda: self.ends is not None)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        assert self.ends is not None
        self.ends()


@pytest.fixture(autouse=True)
def _fake_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "PartitionWriter", FakeWriter)


async def _started(world: FakeConsumer) -> tuple[PartitionOwner, asyncio.Task[None], FakeWriter]:
    owner = PartitionOwner(world, services(world))
    task = asyncio.create_task(owner.run())
    await eventually(lambda: world.topics != [])
    assert not owner.joined
    owner.on_partitions_assigned([PARTITION])
    writer: Any = owner.writers[PARTITION]
    await eventually(lambda: writer.began)
    return owner, task, writer


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_records_go_to_the_owner_of_their_partition() -> None:
    world = FakeConsumer()
    owner, task, writer = await _started(world)
    assert world.topics == list(TOPICS)
    assert owner.joined
    # Paused until its owner knows where to begin.
    assert PARTITION in world.held

    world.fetched.put_nowait([FakeRecord(1, b"")])
    await eventually(lambda: len(writer.fed) == 1)
    await _end(task)

    assert writer.cancelled


async def test_a_revoked_partition_has_no_owner_and_takes_no_records() -> None:
    world = FakeConsumer()
    owner, task, writer = await _started(world)

    await owner.on_partitions_revoked([PARTITION])
    assert writer.cancelled
    assert owner.writers == {}
    world.fetched.put_nowait([FakeRecord(1, b"")])
    await eventually(world.fetched.empty)
    assert writer.fed == []

    owner.on_partitions_assigned([PARTITION])
    successor: Any = owner.writers[PARTITION]
    assert successor is not writer
    await _end(task)


async def test_a_lost_partition_waits_for_the_rejoin() -> None:
    world = FakeConsumer()
    _, task, writer = await _started(world)
    world.resume(PARTITION)

    def lose() -> None:
        raise PartitionLostError("the group has moved on")

    writer.ends = lose
    await eventually(lambda: PARTITION in world.held)
    assert not task.done()
    await _end(task)


async def test_a_failed_owner_ends_the_process() -> None:
    world = FakeConsumer()
    _, task, writer = await _started(world)

    def fail() -> None:
        raise StateMismatchError("recreated")

    writer.ends = fail
    with pytest.raises(StateMismatchError, match="recreated"):
        await task


async def test_a_new_group_is_no_error() -> None:
    world = FakeConsumer()
    _, task, writer = await _started(world)

    world.fetched.put_nowait(NoOffsetForPartitionError(PARTITION))
    world.fetched.put_nowait([FakeRecord(1, b"")])
    await eventually(lambda: len(writer.fed) == 1)
    await _end(task)


async def test_lost_records_are_never_skipped() -> None:
    world = FakeConsumer()
    _, task, _ = await _started(world)

    world.fetched.put_nowait(OffsetOutOfRangeError({PARTITION: 7}))
    with pytest.raises(StateMismatchError, match="retention"):
        await task
