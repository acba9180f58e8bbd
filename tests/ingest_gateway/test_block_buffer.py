"""A buffer is a block, whatever its segments."""

from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.block_buffer import SEGMENT_OVERHEAD_BYTES, BlockBuffer
from schemas.block import LATEST_APPEND_MS, Kind, decode_block
from tests.ingest_gateway.fakes import NOW, part


@given(st.lists(st.lists(st.sampled_from([b"{}\n", b'{"a":1}\n']), min_size=1).map(b"".join), max_size=20))
def test_a_buffer_becomes_a_block_with_its_segments_in_order(requests: list[bytes]) -> None:
    buffer = BlockBuffer(2, Kind.LOG)
    for number, rows in enumerate(requests):
        buffer.add(part(rows, batch=number))
    block = decode_block(buffer.headers(), buffer.value())
    assert [bytes(rows) for _, rows in block.rows_of_segments()] == requests
    assert [int.from_bytes(segment.batch_id) for segment in block.segments] == list(range(len(requests)))
    assert buffer.size == sum(map(len, requests))
    assert buffer.cost == buffer.size + SEGMENT_OVERHEAD_BYTES * len(requests)


def test_one_segment_that_came_too_late_is_enough() -> None:
    buffer = BlockBuffer(2, Kind.LOG)
    buffer.add(part(b"{}\n", keyed=False))
    latest = NOW + LATEST_APPEND_MS
    assert not buffer.has_too_late(latest + 1)
    buffer.add(part(b"{}\n", keyed=True))
    assert not buffer.has_too_late(latest)
    assert buffer.has_too_late(latest + 1)
