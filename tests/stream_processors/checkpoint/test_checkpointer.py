"""When checkpoints are made, retried and acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from stream_processors.checkpoint import checkpointer as module
from stream_processors.checkpoint.checkpointer import Checkpointer, Pace
from stream_processors.checkpoint.partitions import Partitions
from stream_processors.metrics import ProcessorMetrics
from tests.stream_processors.checkpoint.doubles import (
    Acknowledgements,
    FakeStore,
    log_record,
    owned_partition,
)


class Bench:
    """A checkpointer with one partition and a store that can be held."""

    def __init__(self, pace: Pace | None = None, failures: int = 0) -> None:
        self.partitions = Partitions()
        self.owned = owned_partition()
        self.partitions.assign([self.owned])
        self.store = FakeStore(failures)
        self.acks = Acknowledgements()
        self.in_group = True
        self.checkpointer = Checkpointer(
            self.partitions, self.store, lambda: self.in_group, ProcessorMetrics(), pace
        )

    def take(self, *offsets: int) -> None:
        for offset in offsets:
            self.owned.take(log_record(offset), self.acks.of(offset))

    @asynccontextmanager
    async def flushing(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.checkpointer.flush())
        await asyncio.sleep(0)
        yield task
        await task


async def test_records_are_acknowledged_in_order_after_they_are_stored() -> None:
    bench = Bench()
    bench.take(0, 1, 2)
    bench.store.open.clear()
    async with bench.flushing():
        assert bench.acks.seen == []
        bench.store.open.set()
    assert bench.acks.seen == [0, 1, 2]
    assert bench.checkpointer.stored_fences == {0: 2}
    assert bench.store.told == 1


async def test_absorbing_goes_on_while_a_checkpoint_is_stored_and_the_next_waits_for_it() -> None:
    bench = Bench()
    bench.take(0)
    bench.store.open.clear()
    async with bench.flushing():
        bench.take(1)
        async with bench.flushing():
            assert bench.store.attempts == 1
            bench.store.open.set()
    assert [checkpoint.fence for checkpoint in bench.store.stored] == [0, 1]
    assert bench.acks.seen == [0, 1]


async def test_a_failed_store_is_tried_again_with_the_same_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.0,))
    bench = Bench(failures=3)
    bench.take(0, 1)
    await bench.checkpointer.flush()
    assert bench.store.attempts == 4
    assert [checkpoint.fence for checkpoint in bench.store.stored] == [1]
    assert bench.acks.seen == [0, 1]


async def test_a_partition_that_was_taken_away_is_not_acknowledged() -> None:
    bench = Bench()
    bench.take(0)
    bench.store.open.clear()
    async with bench.flushing():
        await bench.store.entered.wait()
        bench.checkpointer.drop()
        bench.store.open.set()
    assert len(bench.store.stored) == 1
    assert bench.acks.seen == []
    assert bench.checkpointer.stored_fences == {}


async def test_nothing_is_stored_while_the_group_may_have_given_us_up() -> None:
    bench = Bench()
    bench.take(0)
    bench.in_group = False
    async with bench.flushing():
        assert bench.store.attempts == 0
        bench.in_group = True
    assert bench.acks.seen == [0]


async def test_a_stored_checkpoint_is_not_acknowledged_until_the_group_is_known_to_count_us_in() -> None:
    bench = Bench()
    bench.take(0)
    bench.store.open.clear()
    async with bench.flushing() as task:
        await bench.store.entered.wait()
        bench.in_group = False
        bench.store.open.set()
        await asyncio.sleep(0.05)
        assert not task.done()
        assert bench.acks.seen == []
        bench.checkpointer.drop()
    assert bench.acks.seen == []


async def test_absorbing_waits_while_too_much_is_not_stored() -> None:
    bench = Bench(Pace(interval=60, most_records=2))
    running = asyncio.create_task(bench.checkpointer.run())
    bench.store.open.clear()
    bench.take(0, 1)
    await bench.checkpointer.wait_for_room()  # the first cut makes room at once
    bench.take(2, 3)
    waiting = asyncio.create_task(bench.checkpointer.wait_for_room())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    bench.store.open.set()
    await waiting
    running.cancel()
    assert bench.acks.seen[:2] == [0, 1]


async def test_a_rebalance_ends_the_wait_for_room() -> None:
    bench = Bench(Pace(most_records=1))
    bench.take(0)
    waiting = asyncio.create_task(bench.checkpointer.wait_for_room())
    await asyncio.sleep(0)
    assert not waiting.done()
    bench.checkpointer.drop()
    await waiting


async def test_nothing_is_stored_after_a_checkpoint_that_was_broken_off() -> None:
    """The next one holds only what changed since, so its fence would claim what was never stored."""
    bench = Bench(Pace(interval=0))
    bench.take(0)
    bench.store.open.clear()
    running = asyncio.create_task(bench.checkpointer.run())
    await bench.store.entered.wait()
    bench.take(1)
    running.cancel()
    await asyncio.wait([running])
    bench.store.open.set()
    await bench.checkpointer.flush()
    assert bench.store.stored == []
    assert bench.acks.seen == []


async def test_checkpoints_are_made_at_the_interval_and_sooner_when_much_waits() -> None:
    bench = Bench(Pace(interval=0.01))
    running = asyncio.create_task(bench.checkpointer.run())
    bench.take(0)
    await bench.acks.wait_for(1)
    running.cancel()
    eager = Bench(Pace(interval=60, soon_bytes=1))
    running = asyncio.create_task(eager.checkpointer.run())
    eager.take(0)
    await eager.checkpointer.wait_for_room()
    await eager.acks.wait_for(1)
    running.cancel()
