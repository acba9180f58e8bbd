"""Bytes that come in pieces: the position is after the value, wherever the pieces end."""

from collections.abc import Generator
from itertools import pairwise
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.native_bytes import NativeBytes

T = TypeVar("T")


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def text(value: str) -> bytes:
    data = value.encode()
    return varint(len(data)) + data


def run(source: NativeBytes, reading: Generator[None, None, T], data: bytes, cuts: list[int]) -> T:
    ends = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[begin:end] for begin, end in pairwise(ends)]
    while True:
        try:
            next(reading)
        except StopIteration as end:
            value: T = end.value
            for piece in pieces:
                source.add(piece)
            return value
        source.add(pieces.pop(0))


CUTS = st.lists(st.integers(1, 400))


@given(st.lists(st.text(max_size=200), max_size=20), CUTS)
def test_strings_are_moved_over(values: list[str], cuts: list[int]) -> None:
    source = NativeBytes()
    data = b"".join(map(text, values))
    run(source, source.skip_strings(len(values)), data + b"rest", cuts)
    assert source.take() == data
    assert source.rest == 4


@given(st.integers(0, 2**63), CUTS)
def test_numbers_are_read(value: int, cuts: list[int]) -> None:
    source = NativeBytes()
    assert run(source, source.varint(), varint(value), cuts) == value
    assert run(source, source.number(8), value.to_bytes(8, "little"), cuts) == value


@given(st.text(), CUTS)
def test_texts_are_read(value: str, cuts: list[int]) -> None:
    source = NativeBytes()
    assert run(source, source.text(), text(value), cuts) == value


def test_what_is_moved_over_in_pieces_need_not_be_kept() -> None:
    source = NativeBytes()
    skipping = source.skip(10_000_000)
    taken = 0
    for _ in range(10):
        next(skipping)
        source.add(bytes(1_000_000))
        next(skipping, None)
        data = source.take()
        assert len(data) <= 1_000_000
        taken += len(data)
    assert taken == 10_000_000
