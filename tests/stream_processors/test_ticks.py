"""Ticks: one a second and partition, the next one after the last was acknowledged."""

import asyncio
from collections.abc import Iterable
from typing import cast

from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.block import Kind, decode_block
from stream_processors.ticks import Ticker, tick_record


class Broker:
    """Acknowledges what it is sent, unless it is away or told to fail."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.there = asyncio.Event()
        self.there.set()
        self.failing = False
        self._changed = asyncio.Condition()

    async def send_all(self, records: Iterable[OutgoingRecord]) -> list[int]:
        """As the producer does it."""
        (record,) = records
        assert record.partition is not None
        self.sent.append(record.partition)
        async with self._changed:
            self._changed.notify_all()
        await self.there.wait()
        if self.failing:
            raise KafkaConnectionError("away")
        return [len(self.sent)]

    async def wait_for(self, count: int) -> None:
        """Wait until so much was sent."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.sent) >= count)

    def ticker(self) -> Ticker:
        """A fast ticker on this broker."""
        return Ticker(cast("RestartingProducer", self), interval=0.001)


def test_a_tick_is_a_readable_block_of_nothing() -> None:
    record = tick_record(3)
    block = decode_block(record.headers, record.value)
    assert (block.kind, block.segments, block.value, record.partition) == (Kind.TICK, (), b"", 3)


async def test_every_owned_partition_ticks_until_it_is_dropped() -> None:
    broker = Broker()
    ticker = broker.ticker()
    ticker.assign([0, 2])
    await broker.wait_for(6)
    assert set(broker.sent) == {0, 2}
    assert set(ticker.last_offsets) == {0, 2}
    ticker.drop()
    count = len(broker.sent)
    await asyncio.sleep(0.01)
    assert len(broker.sent) == count
    assert ticker.last_offsets == {}


async def test_one_partition_may_end_before_the_others() -> None:
    broker = Broker()
    ticker = broker.ticker()
    ticker.assign([0, 2])
    await broker.wait_for(4)
    ticker.end(0)
    ticker.end(1)
    count = len(broker.sent)
    await broker.wait_for(count + 2)
    assert set(broker.sent[count:]) == {2}
    assert set(ticker.last_offsets) == {2}
    ticker.drop()


async def test_ticks_do_not_pile_up_while_the_broker_is_away() -> None:
    broker = Broker()
    broker.there.clear()
    ticker = broker.ticker()
    ticker.assign([0])
    await broker.wait_for(1)
    await asyncio.sleep(0.02)
    assert broker.sent == [0]
    broker.there.set()
    await broker.wait_for(2)
    ticker.drop()


async def test_a_failed_tick_is_logged_and_the_next_one_comes() -> None:
    broker = Broker()
    broker.failing = True
    ticker = broker.ticker()
    with capture_logs() as logs:
        ticker.assign([1])
        await broker.wait_for(2)
    assert logs[0]["event"] == "tick_failed"
    assert ticker.last_offsets == {}
    ticker.drop()
