"""A member serves the partitions that are its own, once their states are read, and lets go of the others."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from runtime.settings import KafkaAddress
from schemas.topics import Topic
from webhook_dispatcher import membership as module
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.endpoints import Endpoints
from webhook_dispatcher.membership import Membership

ADDRESS = KafkaAddress("127.0.0.1:1")
STATES = {"w1": EndpointState("w1", 1, {})}


class FakeConsumer:
    """Polls nothing; remembers what is paused."""

    def __init__(self) -> None:
        self.paused: set[TopicPartition] = set()
        self.listener: Any = None

    def subscribe(self, topics: list[str], listener: object) -> None:
        assert topics == [Topic.WEBHOOK_STATE]
        self.listener = listener

    def seek(self, _target: TopicPartition, offset: int) -> None:
        assert offset == 0

    def pause(self, target: TopicPartition) -> None:
        self.paused.add(target)

    async def getmany(self, timeout_ms: int) -> dict[TopicPartition, list[object]]:
        await asyncio.sleep(timeout_ms / 1_000_000)
        return {}


class FakeEndpoints:
    """Remembers what is owned."""

    def __init__(self) -> None:
        self.owned: dict[int, Mapping[str, EndpointState]] = {}

    def own(self, partition: int, states: Mapping[str, EndpointState]) -> None:
        self.owned[partition] = states

    async def disown(self, partitions: Collection[int]) -> None:
        for partition in partitions:
            self.owned.pop(partition, None)

    def count(self) -> None:
        """Nothing to count."""


class World:
    """A member that runs, and what it serves."""

    def __init__(self) -> None:
        self.consumer = FakeConsumer()
        self.endpoints = FakeEndpoints()
        self.member = Membership(self.consumer, ADDRESS, cast("Endpoints", self.endpoints))
        self.task = asyncio.create_task(self.member.run())

    def is_loaded(self) -> bool:
        return self.member.is_loaded

    async def until_owned(self, *partitions: int) -> None:
        async with asyncio.timeout(60):
            while set(self.endpoints.owned) != set(partitions):  # noqa: ASYNC110 - the fake has no event
                await asyncio.sleep(0.001)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await asyncio.sleep(0)
    yield world
    world.task.cancel()
    await asyncio.gather(world.task, return_exceptions=True)
    assert world.endpoints.owned == {}


def targets(*partitions: int) -> list[TopicPartition]:
    return [TopicPartition(Topic.WEBHOOK_STATE, partition) for partition in partitions]


async def test_what_is_assigned_is_served_with_its_states(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = asyncio.Event()
    failures: list[Exception] = [KafkaConnectionError("away"), TimeoutError()]

    async def load(_address: KafkaAddress, partition: int) -> dict[str, EndpointState]:
        if failures:
            raise failures.pop()
        if partition == 1:
            await let_go.wait()
        return STATES

    monkeypatch.setattr(module, "load_states", load)
    assert not world.is_loaded()
    world.member.on_partitions_assigned(targets(0, 1))
    assert world.consumer.paused == set(targets(0, 1))
    await world.until_owned(0)
    assert not world.is_loaded()
    let_go.set()
    await world.until_owned(0, 1)
    assert world.is_loaded()
    assert world.endpoints.owned == {0: STATES, 1: STATES}
    await world.member.on_partitions_revoked(targets(0))
    await world.until_owned(1)


async def test_states_that_come_too_late_are_not_served(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_address: KafkaAddress, _partition: int) -> dict[str, EndpointState]:
        await asyncio.Event().wait()
        return STATES

    monkeypatch.setattr(module, "load_states", never)
    world.member.on_partitions_assigned(targets(0))
    await asyncio.sleep(0.01)
    await world.member.on_partitions_revoked(targets(0))
    assert world.endpoints.owned == {}


async def test_states_that_cannot_be_read_end_the_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_address: KafkaAddress, _partition: int) -> dict[str, EndpointState]:
        raise KeyError("ours")

    monkeypatch.setattr(module, "load_states", broken)
    world.member.on_partitions_assigned(targets(0))
    with pytest.raises(KeyError):
        await asyncio.wait_for(world.task, 60)
