"""Coalescing, answers in time, and bounded memory."""

import asyncio
import gc
from collections.abc import Coroutine

import pytest
from structlog.testing import capture_logs

from ingest_gateway.block_buffer import SEGMENT_OVERHEAD_BYTES
from ingest_gateway.coalescer import Coalescer
from ingest_gateway.limits import Limits
from ingest_gateway.report import Part
from ingest_gateway.sink import Headers
from runtime.problems import ProblemError
from schemas.block import LATEST_APPEND_MS, Kind, decode_block
from tests.ingest_gateway.fakes import MemorySink, part

ROW = b'{"a":1}\n'
QUICK = Limits(block_delay_seconds=0.01, ack_seconds=0.05, block_bytes=1024)


def coalescer(sink: MemorySink, limits: Limits = QUICK) -> Coalescer:
    return Coalescer(sink, limits, lambda *_block: None)


async def submit(blocks: Coalescer, partition: int, parts: list[Part]) -> None:
    await blocks.submit(partition, parts)


async def tag_of(submitting: Coroutine[None, None, None]) -> str:
    with pytest.raises(ProblemError) as refused:
        await submitting
    assert refused.value.kind.retry_after is not None
    return refused.value.kind.tag


async def test_requests_of_one_partition_and_kind_share_a_record() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    await asyncio.gather(*(submit(blocks, 1, [part(ROW, batch=n)]) for n in range(10)))
    ((partition, value, headers),) = sink.records
    assert (partition, value) == (1, ROW * 10)
    assert len(decode_block(headers, value).segments) == 10
    assert blocks.unacknowledged_bytes == 0


async def test_each_block_that_is_stored_is_told_of() -> None:
    told: list[tuple[Kind, int]] = []
    blocks = Coalescer(MemorySink(), QUICK, lambda kind, rows, _seconds: told.append((kind, rows)))
    await asyncio.gather(
        blocks.submit(0, [part(ROW * 3), part(ROW, Kind.VIOLATION)]), blocks.submit(0, [part(ROW)])
    )
    assert sorted(told) == [(Kind.LOG, 4), (Kind.VIOLATION, 1)]


async def test_partitions_and_kinds_are_kept_apart() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    await asyncio.gather(
        submit(blocks, 0, [part(ROW), part(ROW, Kind.VIOLATION)]), submit(blocks, 1, [part(ROW)])
    )
    kinds = [(partition, decode_block(headers, value).kind) for partition, value, headers in sink.records]
    assert sorted(kinds) == [(0, Kind.LOG), (0, Kind.VIOLATION), (1, Kind.LOG)]


async def test_a_full_block_does_not_wait_for_the_delay() -> None:
    sink = MemorySink()
    blocks = coalescer(sink, Limits(block_delay_seconds=3600, block_bytes=3 * len(ROW)))
    await asyncio.gather(*(submit(blocks, 0, [part(ROW)]) for _ in range(6)))
    assert [len(value) for _, value, _ in sink.records] == [3 * len(ROW)] * 2


class HangingSink(MemorySink):
    """Notes which partitions it was called for, in order, and stores nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: asyncio.Queue[int] = asyncio.Queue()
        self.hang()

    async def publish(self, partition: int, value: bytes, headers: Headers) -> int:
        self.calls.put_nowait(partition)
        return await super().publish(partition, value, headers)


async def test_a_block_waits_longer_while_another_of_its_partition_is_under_way() -> None:
    sink = HangingSink()
    blocks = coalescer(sink, Limits(block_delay_seconds=0.1))
    first = asyncio.create_task(submit(blocks, 0, [part(ROW)]))
    assert await sink.calls.get() == 0
    others = [asyncio.create_task(submit(blocks, partition, [part(ROW)])) for partition in (0, 1)]
    assert [await sink.calls.get() for _ in others] == [1, 0]
    sink.flow()
    await asyncio.gather(first, *others)
    await asyncio.gather(*(submit(blocks, partition, [part(ROW)]) for partition in (0, 1)))
    assert [await sink.calls.get() for _ in others] == [0, 1]


async def test_rows_of_a_request_are_never_split_and_a_large_one_goes_alone() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    large = ROW * 1000
    await asyncio.gather(
        submit(blocks, 0, [part(ROW)]), submit(blocks, 0, [part(large)]), submit(blocks, 0, [part(ROW)])
    )
    assert [value for _, value, _ in sink.records] == [ROW, large, ROW]


async def test_nothing_is_answered_before_the_sink_has_stored_it() -> None:
    sink = MemorySink()
    sink.hang()
    waiting = asyncio.create_task(submit(coalescer(sink, Limits()), 0, [part(ROW)]))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    sink.flow()
    await waiting


async def test_a_sink_that_hangs_is_answered_in_time_and_then_at_once() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    sink.hang()
    assert await tag_of(submit(blocks, 0, [part(ROW), part(ROW, Kind.VIOLATION)])) == "outcome-unknown"
    assert blocks.is_late
    held = blocks.unacknowledged_bytes
    assert await tag_of(submit(blocks, 0, [part(ROW)])) == "kafka-unavailable"
    assert blocks.unacknowledged_bytes == held > 0
    sink.flow()
    await blocks.drain()
    await submit(blocks, 0, [part(ROW)])
    assert (blocks.is_late, blocks.unacknowledged_bytes) == (False, 0)


async def test_a_partition_that_is_late_does_not_stop_the_others() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    sink.hang()
    await tag_of(submit(blocks, 0, [part(ROW)]))
    other = asyncio.create_task(submit(blocks, 1, [part(ROW)]))
    await asyncio.sleep(0)
    sink.flow()
    await other


async def test_a_failed_block_fails_all_its_requests_and_frees_its_room() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    sink.failing = True
    tags = await asyncio.gather(*(tag_of(submit(blocks, 0, [part(ROW)])) for _ in range(3)))
    assert tags == ["kafka-unavailable"] * 3
    assert blocks.unacknowledged_bytes == 0
    assert not blocks.is_late


async def test_a_keyed_batch_that_came_too_late_is_not_acknowledged() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    keyed = part(ROW, keyed=True)
    sink.now = keyed.segment.received_at + LATEST_APPEND_MS
    await submit(blocks, 0, [keyed])
    sink.now += 1
    await submit(blocks, 0, [part(ROW)])
    with capture_logs() as logs:
        assert await tag_of(submit(blocks, 0, [keyed])) == "outcome-unknown"
    assert blocks.unacknowledged_bytes == 0
    assert [log["event"] for log in logs] == ["block_too_late"]


class BrokenSink(MemorySink):
    """Raises what a sink must not raise."""

    async def publish(self, partition: int, value: bytes, headers: Headers) -> int:
        raise ZeroDivisionError(partition, value, headers)


async def test_a_bug_in_the_sink_leaves_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    blocks = coalescer(BrokenSink(), Limits(ack_seconds=3600))
    assert await tag_of(submit(blocks, 0, [part(ROW)])) == "kafka-unavailable"
    assert blocks.unacknowledged_bytes == 0
    await asyncio.sleep(0)
    gc.collect()
    assert "ZeroDivisionError" in caplog.text


async def test_without_room_nothing_of_a_request_is_taken() -> None:
    sink = MemorySink()
    cost = len(ROW) + SEGMENT_OVERHEAD_BYTES
    blocks = coalescer(sink, Limits(unacknowledged_bytes=2 * cost))
    sink.hang()
    first = asyncio.create_task(submit(blocks, 0, [part(ROW)]))
    await asyncio.sleep(0)
    assert await tag_of(submit(blocks, 0, [part(ROW), part(ROW, Kind.VIOLATION)])) == "overloaded"
    assert blocks.unacknowledged_bytes == cost
    sink.flow()
    await first


async def test_a_request_that_went_away_is_stored_with_the_others() -> None:
    sink = MemorySink()
    blocks = coalescer(sink)
    gone = asyncio.create_task(submit(blocks, 0, [part(ROW)]))
    stays = asyncio.create_task(submit(blocks, 0, [part(ROW)]))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert sink.records[0][1] == ROW * 2


async def test_draining_sends_what_is_open() -> None:
    sink = MemorySink()
    blocks = coalescer(sink, Limits(block_delay_seconds=3600))
    waiting = asyncio.create_task(submit(blocks, 0, [part(ROW)]))
    await asyncio.sleep(0)
    await blocks.drain()
    await waiting
    assert len(sink.records) == 1
