"""Chunks are cut by size or age, in order, and nothing stays behind."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from stream_processors.writer.buffer import Buffer, record_size
from stream_processors.writer.rows import Record
from tests.stream_processors.writer.records import FakeRecord

_SOON = 0.02
_LONG = 600.0


def _records(*sizes: int, start: int = 0) -> list[Record]:
    return [FakeRecord(offset, b"x" * size) for offset, size in enumerate(sizes, start)]


def _buffer() -> Buffer:
    return Buffer(asyncio.get_running_loop().time)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=20), st.integers(1, 2000))
def test_every_record_comes_once_in_chunks_of_the_size(sizes: list[int], limit: int) -> None:
    async def cut_all() -> list[list[Record]]:
        buffer = _buffer()
        buffer.put(_records(*sizes))
        chunks = []
        while buffer.size:
            chunks.append(await buffer.take_chunk(limit, 0))
        return chunks

    chunks = asyncio.run(cut_all())

    assert [r.offset for chunk in chunks for r in chunk] == list(range(len(sizes)))
    for chunk in chunks:
        assert sum(map(record_size, chunk[:-1])) < limit
    for chunk in chunks[:-1]:
        assert sum(map(record_size, chunk)) >= limit


async def test_a_full_chunk_does_not_wait() -> None:
    buffer = _buffer()
    buffer.put(_records(600, 600))

    async with asyncio.timeout(60):
        assert len(await buffer.take_chunk(700, _LONG)) == 1


async def test_an_old_chunk_does_not_wait_to_be_full() -> None:
    buffer = _buffer()
    taking = asyncio.create_task(buffer.take_chunk(10_000, _SOON))
    buffer.put(_records(1))

    async with asyncio.timeout(60):
        assert len(await taking) == 1


async def test_a_chunk_fills_while_it_waits() -> None:
    buffer = _buffer()
    taking = asyncio.create_task(buffer.take_chunk(1000, _LONG))
    for offset in range(2):
        buffer.put(_records(500, start=offset))
        await asyncio.sleep(0)

    async with asyncio.timeout(60):
        assert [r.offset for r in await taking] == [0, 1]


async def test_records_up_to_an_offset_are_taken_as_they_come() -> None:
    buffer = _buffer()
    buffer.put(_records(1, 1, 1))
    assert [r.offset for r in await buffer.take_until(2)] == [0, 1]
    assert await buffer.take_until(2) == []  # the next one is beyond: there are no more

    taking = asyncio.create_task(buffer.take_until(9))
    assert [r.offset for r in await taking] == [2]
    assert buffer.size == 0


async def test_it_knows_when_the_log_took_the_first_that_waits() -> None:
    buffer = _buffer()
    when_empty = buffer.oldest_timestamp
    assert when_empty is None
    buffer.put([FakeRecord(0, b"x", timestamp=7), FakeRecord(1, b"x", timestamp=9)])
    assert buffer.oldest_timestamp == 7
    await buffer.take_chunk(1, 0)
    assert buffer.oldest_timestamp == 9
