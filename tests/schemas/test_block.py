"""The block codec: what is written is read back, and anything else is refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.block import HEADER_READER, HEADER_SEGMENTS, Block, Kind, Segment, decode_block, encode_headers
from schemas.errors import InvalidMessageError
from schemas.topics import Service


def segment(lines: list[bytes], agent_id: str = "agent-7", *, keyed: bool = False) -> tuple[Segment, bytes]:
    rows = b"".join(line + b"\n" for line in lines)
    return Segment("default", agent_id, bytes(16), keyed, len(lines), len(rows), 1_767_225_600_000), rows


LINES = st.lists(st.binary(min_size=1).filter(lambda line: b"\n" not in line), min_size=1, max_size=5)


@given(st.lists(LINES, max_size=5))
def test_segments_come_back_with_their_own_rows(requests: list[list[bytes]]) -> None:
    parts = [segment(lines, f"agent-{number}") for number, lines in enumerate(requests)]
    value = b"".join(rows for _, rows in parts)
    block = decode_block(encode_headers(Kind.LOG, [s for s, _ in parts]), value)
    assert block == Block(Kind.LOG, tuple(s for s, _ in parts), value)
    assert [(s, bytes(rows)) for s, rows in block.rows_of_segments()] == parts


def test_a_segment_may_name_its_trace_and_those_of_before_named_none() -> None:
    bare, rows = segment([b"row"])
    traced = msgspec.structs.replace(
        bare, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    )
    for one in (bare, traced):
        assert decode_block(encode_headers(Kind.LOG, [one]), rows).segments == (one,)
    earlier = msgspec.msgpack.encode([list(msgspec.structs.astuple(bare))[:-1]])
    headers = replaced(encode_headers(Kind.LOG, [bare]), HEADER_SEGMENTS, earlier)
    assert decode_block(headers, rows).segments == (bare,)


def test_a_tick_is_a_block_without_segments() -> None:
    assert decode_block(encode_headers(Kind.TICK, []), b"") == Block(Kind.TICK, (), b"")


def test_a_block_may_be_for_one_reader() -> None:
    headers = encode_headers(Kind.LOG, [])
    assert all(decode_block(headers, b"").is_for(reader) for reader in Service)
    block = decode_block([*headers, (HEADER_READER, b"writer")], b"")
    assert [reader for reader in Service if block.is_for(reader)] == [Service.WRITER]
    with pytest.raises(InvalidMessageError, match="header"):
        decode_block([*headers, (HEADER_READER, b"nobody")], b"")


def replaced(headers: list[tuple[str, bytes]], name: str, value: bytes) -> list[tuple[str, bytes]]:
    return [(key, value if key == name else old) for key, old in headers]


@pytest.mark.parametrize(
    ("header", "content", "reason"),
    [
        ("kind", b"gossip", "Kind"),
        ("kind", b"\xff", "header"),
        ("version", b"2", "version"),
        ("segments", b"\xc1", "header"),
        ("segments", msgspec.msgpack.encode([]), "bytes"),
    ],
)
def test_headers_that_do_not_fit_are_refused(header: str, content: bytes, reason: str) -> None:
    one, rows = segment([b"{}"])
    headers = replaced(encode_headers(Kind.LOG, [one]), header, content)
    with pytest.raises(InvalidMessageError, match=reason):
        decode_block(headers, rows)


def test_a_value_without_headers_is_refused() -> None:
    with pytest.raises(InvalidMessageError):
        decode_block([], b"{}\n")


@pytest.mark.parametrize("header", ["kind", "version", "segments"])
def test_a_header_without_a_value_is_refused(header: str) -> None:
    one, rows = segment([b"{}"])
    nothing: Any = None
    with pytest.raises(InvalidMessageError):
        decode_block(replaced(encode_headers(Kind.LOG, [one]), header, nothing), rows)


def test_a_cut_value_is_refused() -> None:
    one, rows = segment([b"{}", b"{}"])
    with pytest.raises(InvalidMessageError, match="bytes"):
        decode_block(encode_headers(Kind.LOG, [one]), rows[:-1])


def test_a_segment_boundary_within_a_line_is_refused() -> None:
    one, rows = segment([b"{}", b"{}"])
    first = msgspec.structs.replace(one, size=one.size - 2)
    second = msgspec.structs.replace(one, size=2)
    with pytest.raises(InvalidMessageError, match=HEADER_SEGMENTS):
        decode_block(encode_headers(Kind.LOG, [first, second]), rows)
