"""An owner finishes what was begun, remembers what came, and checkpoints between chunks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError, NotCoordinatorForGroupError

from schemas.errors import InvalidMessageError
from stream_processors.state.bounds import StateMismatchError
from stream_processors.state.snapshot import Snapshot, StateEntry
from stream_processors.writer import checkpoints
from stream_processors.writer.checkpoints import CheckpointMeta
from stream_processors.writer.insert import UnavailableError
from stream_processors.writer.intent import Intent, encode_intent
from stream_processors.writer.offsets import Committed
from stream_processors.writer.partition import PartitionWriter
from stream_processors.writer.rows import Record
from tests.stream_processors.writer.fakes import MEMBER, PARTITION, TOPIC_ID, World, eventually, services
from tests.stream_processors.writer.records import NOW, FakeRecord, log_block

_META = msgspec.json.encode(CheckpointMeta(TOPIC_ID))


@pytest.fixture(autouse=True)
def _topic_id(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(*_: object) -> Any:  # noqa: ANN401 - an id
        return TOPIC_ID

    monkeypatch.setattr(checkpoints, "fetch_topic_id", fetch)


@contextlib.asynccontextmanager
async def _running(world: World, **settings: float) -> AsyncIterator[PartitionWriter]:
    writer = PartitionWriter(PARTITION, MEMBER, services(world, **settings))
    task = asyncio.create_task(writer.run())
    try:
        await eventually(lambda: bool(world.of("seek")) or task.done())
        if task.done():
            task.result()
        yield writer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _logs(*offsets: int, batch: int | None = None) -> list[Record]:
    return [log_block(n, "a", 1000 + n if batch is None else batch, b'{"n":%d}\n' % n) for n in offsets]


def _tokens(world: World) -> list[str]:
    return [token.removeprefix(f"{PARTITION.topic}:2:") for _, token in world.of("insert")]


async def test_a_new_group_begins_at_the_start_of_the_log() -> None:
    world = World()
    world.log_start, world.log_end = 40, 50
    async with _running(world, writer_chunk_bytes=1) as writer:
        # Said before anything is stored, so that it is known later that nothing came before.
        assert world.events == [("checkpoint", 39, []), ("seek", 40)]
        writer.feed(_logs(40, 41))
        await eventually(lambda: writer.next_offset == 42)

    assert _tokens(world) == ["40:40:agent_logs", "41:41:agent_logs"]


async def test_an_intent_is_finished_with_its_very_range() -> None:
    world = World()
    world.log_end = 20
    world.committed = Committed(5, encode_intent(Intent(5, 8)))
    world.snapshot = Snapshot(4, _META)
    async with _running(world) as writer:
        assert world.of("seek") == [[5]]
        writer.feed(_logs(5, 6))
        writer.feed(_logs(7, 8, 9, 10))
        await eventually(lambda: writer.next_offset == 9)
        world.now = 1.0
        writer.feed(_logs(11))
        await eventually(lambda: writer.next_offset == 12)

    assert _tokens(world) == ["5:8:agent_logs", "9:11:agent_logs"]


async def test_an_intent_whose_last_records_are_compacted_away_is_finished_too() -> None:
    world = World()
    world.log_end = 20
    world.committed = Committed(5, encode_intent(Intent(5, 8)))
    world.snapshot = Snapshot(4, _META)
    async with _running(world) as writer:
        writer.feed(_logs(5, 6, 12))
        await eventually(lambda: writer.next_offset == 9)

    assert _tokens(world) == ["5:8:agent_logs"]


async def test_what_came_after_the_checkpoint_is_remembered_but_not_stored_again() -> None:
    world = World()
    world.log_end = 20
    world.committed = Committed(10, "")
    world.snapshot = Snapshot(7, _META, {"default/a": StateEntry(7, (1).to_bytes(16) + NOW.to_bytes(8))})
    async with _running(world, writer_chunk_bytes=1) as writer:
        assert world.of("seek") == [[8]]
        writer.feed(_logs(8, batch=2) + _logs(9, batch=3))
        repeats = [*_logs(10, batch=1), *_logs(11, batch=2), *_logs(12, batch=3)]
        writer.feed([*repeats, *_logs(13, batch=4)])
        await eventually(lambda: writer.next_offset == 14)

    assert _tokens(world) == ["13:13:agent_logs"]


async def test_a_long_recovery_is_seen_to_go_on() -> None:
    world = World()
    world.log_end = 20
    world.committed = Committed(10, "")
    world.snapshot = Snapshot(7, _META)
    async with _running(world) as writer:
        before = writer.steps
        world.loaded += 1000
        assert writer.steps == before + 1000
        writer.feed(_logs(8))
        await eventually(lambda: writer.steps == before + 1001)


async def test_a_checkpoint_has_what_is_committed_and_comes_when_it_is_due() -> None:
    world = World()
    world.log_end = 20
    async with _running(world, writer_chunk_bytes=1, writer_checkpoint_seconds=5) as writer:
        writer.feed(_logs(0))
        await eventually(lambda: writer.next_offset == 1)
        assert world.of("checkpoint") == []

        world.now = 5.0
        writer.feed(_logs(1))
        await eventually(lambda: world.of("checkpoint") != [])

    assert world.events[-2:] == [("commit", 2, ""), ("checkpoint", 1, ["default/a"])]


async def test_what_waits_is_bounded() -> None:
    world = World(lambda _, __: None)
    world.log_end = 20
    async with _running(world, writer_chunk_bytes=500) as writer:
        writer.feed(_logs(*range(10)))
        assert PARTITION in world.held
        await eventually(lambda: writer.next_offset >= 6)
        assert PARTITION not in world.held


@pytest.mark.parametrize(
    ("snapshot", "committed", "error"),
    [
        (
            Snapshot(4, msgspec.json.encode({"topic_id": str(MEMBER.generation).zfill(32)})),
            5,
            StateMismatchError,
        ),
        (Snapshot(4, b"not ours"), 5, InvalidMessageError),
        (Snapshot(7, _META), 5, StateMismatchError),
        (Snapshot(4, _META), 25, StateMismatchError),
    ],
)
async def test_what_does_not_fit_together_is_refused(
    snapshot: Snapshot, committed: int, error: type[Exception]
) -> None:
    world = World()
    world.log_end, world.snapshot, world.committed = 20, snapshot, Committed(committed, "")

    with pytest.raises(error):
        async with _running(world):
            pass
    assert world.events == []


async def test_a_broker_that_is_away_for_a_moment_is_waited_for() -> None:
    world = World()
    world.log_end = 20
    world.failures = [NotCoordinatorForGroupError(), KafkaConnectionError()]
    async with _running(world):
        assert world.of("seek") == [[0]]


async def test_what_can_only_grow_is_read_in_the_order_that_it_grows() -> None:
    world = World()
    world.log_end = 20
    async with _running(world):
        # Else a process that was stopped between two reads would see a checkpoint ahead of its commit.
        assert world.reads == ["checkpoint", "commit", "bounds"]


async def test_a_partition_of_which_too_much_is_given_up_is_read_no_further() -> None:
    world = World()
    world.log_end = 20
    async with _running(world, writer_chunk_bytes=1, dead_letter_limit=1) as writer:
        writer.feed([FakeRecord(0, b"junk"), *_logs(1), FakeRecord(2, b"junk"), *_logs(3)])
        await eventually(lambda: writer.halted)
        world.held.clear()
        writer.feed(_logs(4))
        metrics = writer._services.metrics.registry
        labels = {"topic": PARTITION.topic, "partition": "2"}
        assert metrics.get_sample_value("promethios_writer_halted", labels) == 1
        assert writer.next_offset == 3
        assert world.committed == Committed(3, "")
        assert world.held == {PARTITION}

    assert len(world.letters) == 2
    assert metrics.get_sample_value("promethios_writer_halted", labels) == 0


async def test_it_tells_since_when_a_record_waits_for_clickhouse() -> None:
    world = World()
    away = True

    def refuse(*_: object) -> None:
        if away:
            raise UnavailableError("away")

    world.refuse = refuse
    async with _running(world, writer_chunk_bytes=1) as writer:
        at_rest = writer.unstored_since
        assert at_rest is None
        writer.feed(_logs(0))
        await eventually(lambda: bool(world.of("insert")))
        assert writer.unstored_since == NOW
        away = False
        await eventually(lambda: writer.unstored_since is None)
        assert writer.next_offset == 1
