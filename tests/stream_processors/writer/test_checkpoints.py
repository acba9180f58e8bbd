"""Checkpoints carry what changed, belong to one topic, and a failed one costs nothing but time."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiokafka.errors import KafkaTimeoutError

from schemas.erasures import Erasure, ErasureMode, ErasureState
from stream_processors.checkpoint.repeating import REPEAT_AFTER_SECONDS
from stream_processors.state.bounds import StateMismatchError
from stream_processors.state.snapshot import Snapshot, StateEntry
from stream_processors.writer import checkpoints
from stream_processors.writer.checkpoints import CheckpointMeta, Checkpoints
from stream_processors.writer.rings import Rings
from tests.stream_processors.writer.fakes import PARTITION, TOPIC_ID, World, services
from tests.stream_processors.writer.records import NOW, segment


@pytest.fixture(autouse=True)
def _topic_id(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(*_: object) -> UUID:
        return TOPIC_ID

    monkeypatch.setattr(checkpoints, "fetch_topic_id", fetch)


def _checkpoints(world: World, rings: Rings, **settings: float) -> Checkpoints:
    return Checkpoints(PARTITION, rings, services(world, **settings))


async def test_a_checkpoint_restores_the_rings() -> None:
    world, rings = World(), Rings()
    meta = msgspec.json.encode(CheckpointMeta(TOPIC_ID))
    world.snapshot = Snapshot(8, meta, {"default/a": StateEntry(8, (1).to_bytes(16) + NOW.to_bytes(8))})

    assert await _checkpoints(world, rings).load() == 8
    assert not rings.absorb(9, NOW, segment("a", 1, b""))


async def test_a_checkpoint_of_another_topic_is_refused() -> None:
    world = World()
    world.snapshot = Snapshot(8, msgspec.json.encode(CheckpointMeta(UUID(int=6))))

    with pytest.raises(StateMismatchError, match="recreated"):
        await _checkpoints(world, Rings()).load()


async def test_what_a_failed_checkpoint_lacked_is_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    world, rings = World(), Rings()
    under_test = _checkpoints(world, rings, writer_checkpoint_seconds=5)
    assert await under_test.load() == -1
    rings.absorb(3, NOW, segment("a", 1, b""))
    write: Any = world.write

    async def fail(*_: object) -> None:
        raise KafkaTimeoutError

    monkeypatch.setattr(world, "write", fail)
    world.now = 5
    await under_test.write_when_due(3)
    monkeypatch.setattr(world, "write", write)
    await under_test.write_when_due(4)
    assert world.of("checkpoint") == []  # not yet

    world.now = 10
    await under_test.write_when_due(4)
    assert world.of("checkpoint") == [[4, ["default/a"]]]


async def test_an_erased_agent_is_ended_in_the_next_checkpoint() -> None:
    world, rings = World(), Rings()
    given = services(world)
    under_test = Checkpoints(PARTITION, rings, given)
    await under_test.load()
    rings.absorb(3, NOW, segment("a", 1, b""))
    await under_test.write(3)
    given.erasures.apply(
        "",
        "",
        Erasure("e1", "default", ErasureMode.ERASE, 1, "ada", agent_id="a", state=ErasureState.RUNNING),
    )
    assert not list(rings.changed(4))
    await under_test.write(4)
    assert world.of("checkpoint")[-1] == [4, ["default/a"]]
    await under_test.write(5)
    assert world.of("checkpoint")[-1] == [5, []]


async def test_what_was_written_early_is_written_once_more_behind_a_stale_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Compaction keeps the last record of an agent, whatever its fence, be it a stale owner's."""
    world, rings = World(), Rings()
    under_test = _checkpoints(world, rings, writer_checkpoint_seconds=5)
    await under_test.load()
    rings.absorb(3, NOW, segment("a", 1, b""))
    world.now = 5
    await under_test.write_when_due(3)
    world.now = REPEAT_AFTER_SECONDS - 1
    rings.absorb(4, NOW, segment("b", 2, b""))
    await under_test.write_when_due(4)
    world.now = REPEAT_AFTER_SECONDS + 5
    write: Any = world.write

    async def fail(*_: object) -> None:
        raise KafkaTimeoutError

    monkeypatch.setattr(world, "write", fail)
    await under_test.write_when_due(5)
    monkeypatch.setattr(world, "write", write)
    for _ in range(2):
        world.now += 5
        await under_test.write_when_due(6)
    written = [[fence, sorted(keys)] for fence, keys in world.of("checkpoint")]
    assert written == [[3, ["default/a"]], [4, ["default/b"]], [6, ["default/a", "default/b"]], [6, []]]
