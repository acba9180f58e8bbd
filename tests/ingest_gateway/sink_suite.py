"""What every sink does, the one in memory and the one on Kafka."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from ingest_gateway.sink import Sink, SinkError
from schemas.block import Kind, decode_block, encode_headers
from tests.ingest_gateway.fakes import part


class StoredRecord(NamedTuple):
    """A record as it is read back."""

    value: bytes
    headers: list[tuple[str, bytes]]
    timestamp: int


Stored = Callable[[int], Awaitable[list[StoredRecord]]]

ROWS = b'{"a":1}\n'


class SinkSuite:
    """Subclasses give `sink`, started, its `partitions`, and `stored`, which reads a partition back."""

    async def test_a_record_is_stored_with_its_headers(self, sink: Sink, stored: Stored) -> None:
        headers = encode_headers(Kind.LOG, [part(ROWS).segment])
        before = len(await stored(1))
        appended_at = await sink.publish(1, ROWS, headers)
        ((value, found, timestamp),) = (await stored(1))[before:]
        assert appended_at == timestamp
        assert decode_block(found, value).segments == (part(ROWS).segment,)

    async def test_records_go_to_the_partition_that_is_asked_for(
        self, sink: Sink, stored: Stored, partitions: int
    ) -> None:
        before = [len(await stored(partition)) for partition in range(partitions)]
        await asyncio.gather(*(sink.publish(p, b"%d" % p, []) for p in range(partitions) for _ in range(3)))
        for partition in range(partitions):
            values = [value for value, *_ in (await stored(partition))[before[partition] :]]
            assert values == [b"%d" % partition] * 3

    async def test_a_record_as_large_as_a_block_may_be_is_stored(self, sink: Sink, stored: Stored) -> None:
        value = b"x" * (9 * 1024 * 1024)
        await sink.publish(0, value, [])
        assert (await stored(0))[-1][0] == value

    async def test_it_is_connected_from_start_to_stop(self, sink: Sink) -> None:
        assert sink.is_connected
        await sink.stop()
        connected: bool = sink.is_connected
        assert not connected

    async def test_a_sink_that_was_stopped_refuses(self, sink: Sink) -> None:
        await sink.stop()
        with pytest.raises(SinkError):
            await sink.publish(0, ROWS, [])
