"""A stretch is read to its end, over gaps and past what has come since, and not waited for in vain."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_processors import log_reading
from stream_processors.log_reading import read_to

TARGET = TopicPartition("topic", 0)


class Record(NamedTuple):
    """Of a record, what is read here."""

    offset: int


class Reader:
    """Gives batches of offsets; the position is behind the last, or where a batch says."""

    def __init__(self, *batches: Sequence[int], after: int) -> None:
        self._batches = list(batches)
        self._position = 0
        self._after = after

    async def position(self, target: TopicPartition) -> int:
        assert target == TARGET
        return self._position

    async def getmany(self, target: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Record]]:
        assert timeout_ms > 0
        await asyncio.sleep(0)
        if not self._batches:
            self._position = self._after
            return {}
        batch = self._batches.pop(0)
        self._position = batch[-1] + 1
        return {target: [Record(offset) for offset in batch]}


def reading(reader: Reader, end: int) -> AsyncIterator[Record]:
    return read_to(cast("AIOKafkaConsumer", reader), TARGET, end)


@pytest.mark.parametrize(
    ("end", "offsets"), [(0, []), (2, [0, 1]), (3, [0, 1]), (5, [0, 1, 4]), (9, [0, 1, 4, 5])]
)
async def test_up_to_an_end(end: int, offsets: list[int]) -> None:
    reader = Reader([0, 1], [4, 5], after=9)
    assert [record.offset async for record in reading(reader, end)] == offsets


async def test_what_never_comes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reading, "_STALLED_SECONDS", 0.0)
    with pytest.raises(TimeoutError):
        _ = [record async for record in reading(Reader(after=0), 1)]
