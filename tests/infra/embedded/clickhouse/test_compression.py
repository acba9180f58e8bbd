"""Encodings: whole, in pieces of any size, cut off, damaged, or far larger than they look."""

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator

import cramjam
import lz4.frame  # type: ignore[import-untyped] # it has no stubs
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.compression import PIECE, choose_encoding, compressor, decompress
from infra.embedded.clickhouse.errors import ClickHouseError

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 1),
    "deflate": lambda data: zlib.compress(data, 1),
    "zstd": zstd.compress,
    "lz4": lz4.frame.compress,
    "br": lambda data: bytes(cramjam.brotli.compress(data, 1)),
}
DATA = b"".join(b'{"n":%d}\n' % n for n in range(100_000))


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("size", [999, 1 << 20])
def test_bodies_are_decompressed_in_bounded_pieces(encoding: str, size: int) -> None:
    pieces = list(decompress(encoding, chunks(ENCODERS[encoding](DATA), size)))
    assert b"".join(pieces) == DATA
    assert encoding == "br" or max(map(len, pieces)) <= PIECE


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "lz4"])
def test_frames_may_follow_each_other(encoding: str) -> None:
    encoded = ENCODERS[encoding](DATA[:1000]) + ENCODERS[encoding](DATA[1000:])
    assert b"".join(decompress(encoding, chunks(encoded, 77))) == DATA


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_that_is_cut_off_is_an_error(encoding: str) -> None:
    encoded = ENCODERS[encoding](DATA)
    for end in (len(encoded) - 1, len(encoded) // 2, 3):
        with pytest.raises(ClickHouseError, match="CANNOT_DECOMPRESS"):
            list(decompress(encoding, [encoded[:end]]))


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_damaged_body_is_an_error(encoding: str) -> None:
    with pytest.raises(ClickHouseError, match="CANNOT_DECOMPRESS"):
        list(decompress(encoding, [b"\xff not compressed at all \xff" * 10]))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "lz4"])
def test_a_bomb_comes_piece_by_piece(encoding: str) -> None:
    bomb = ENCODERS[encoding](bytes(64 << 20))
    first = list(itertools.islice(decompress(encoding, [bomb]), 3))
    assert max(map(len, first)) <= PIECE


def test_a_brotli_bomb_is_refused() -> None:
    with pytest.raises(ClickHouseError, match="CANNOT_DECOMPRESS"):
        list(decompress("br", [ENCODERS["br"](bytes(65 << 20))]))


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ClickHouseError, match="use gzip"):
        decompress("snappy", [])


@given(st.lists(st.binary(max_size=100)), st.sampled_from(["lz4", "zstd", "gzip", "deflate"]))
def test_what_is_compressed_can_be_decompressed(pieces: list[bytes], encoding: str) -> None:
    encoder = compressor(encoding)
    encoded = [encoder.compress(piece) for piece in pieces]
    encoded.append(encoder.flush())
    assert b"".join(decompress(encoding, encoded)) == b"".join(pieces)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (b"gzip, deflate, br, zstd", "zstd"),
        (b"lz4,zstd", "lz4"),
        (b"GZIP;q=1.0", "gzip"),
        (b"gzip;q=0, deflate", "deflate"),
        (b"br", None),
        (b"identity", None),
        (b"", None),
    ],
)
def test_the_cheapest_accepted_encoding_is_chosen(accepted: bytes, chosen: str | None) -> None:
    assert choose_encoding(accepted) == chosen
