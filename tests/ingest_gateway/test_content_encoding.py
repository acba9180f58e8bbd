"""Every encoding, whole and damaged, in bounded pieces."""

import gzip
import sys
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.content_encoding import ACCEPTED, SLICE_BYTES, Encoding, content_encoding, unpack
from runtime.problems import ProblemError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(content) + compressor.flush()


FORMS: list[tuple[Encoding, Callable[[bytes], bytes]]] = [
    (Encoding.GZIP, gzip.compress),
    (Encoding.DEFLATE, zlib.compress),
    (Encoding.DEFLATE, raw_deflate),
    (Encoding.ZSTD, zstd.compress),
]
every_form = pytest.mark.parametrize(("encoding", "pack"), FORMS)
CONTENT = b'{"agentId":"agent-1","level":"info","message":"m"}' * 100


def unpacked(encoding: Encoding, packed: bytes) -> bytes:
    pieces = list(unpack(encoding, packed))
    assert all(len(piece) <= SLICE_BYTES for piece in pieces)
    return b"".join(pieces)


def problem_of(encoding: Encoding, packed: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        unpacked(encoding, packed)
    assert (refused.value.kind.status, refused.value.kind.tag) == (400, "bad-content-encoding")
    return refused.value


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        (None, None),
        (b"", None),
        (b"identity", None),
        (b"gzip", Encoding.GZIP),
        (b" GZip ", Encoding.GZIP),
        (b"x-gzip", Encoding.GZIP),
        (b"zstd", Encoding.ZSTD),
        (b"deflate", Encoding.DEFLATE),
    ],
)
def test_the_header_names_what_is_understood(name: bytes | None, encoding: Encoding | None) -> None:
    assert content_encoding({} if name is None else {b"content-encoding": name}) is encoding


@pytest.mark.parametrize("name", [b"br", b"gzip, gzip", b"identity, gzip", b"aes128gcm", b"\xff"])
def test_what_is_unknown_or_nested_is_refused_with_what_would_be_taken(name: bytes) -> None:
    with pytest.raises(ProblemError) as refused:
        content_encoding({b"content-encoding": name})
    assert (refused.value.kind.status, refused.value.kind.tag) == (415, "wrong-content-encoding")
    assert refused.value.headers()["accept-encoding"] == ACCEPTED == "gzip, zstd, deflate"


@every_form
@pytest.mark.parametrize("size", [0, 1, 7, 300, SLICE_BYTES - 1, SLICE_BYTES, SLICE_BYTES + 1, 1_000_000])
def test_whatever_was_packed_comes_out(encoding: Encoding, pack: Callable[[bytes], bytes], size: int) -> None:
    content = (CONTENT * (size // len(CONTENT) + 1))[:size]
    assert unpacked(encoding, pack(content)) == content


@pytest.mark.parametrize("form", range(len(FORMS)))
@given(content=st.binary(max_size=2000))
def test_any_bytes_survive(form: int, content: bytes) -> None:
    encoding, pack = FORMS[form]
    assert unpacked(encoding, pack(content)) == content


@every_form
def test_every_cut_is_noticed(encoding: Encoding, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(CONTENT)
    for length in range(len(packed)):
        assert problem_of(encoding, packed[:length]).detail.startswith(f"it was announced as {encoding}")


@every_form
def test_what_follows_the_end_is_noticed(encoding: Encoding, pack: Callable[[bytes], bytes]) -> None:
    for more in (b"\0", b"x", b'{"agentId":"a"}', b"\0" * 1000):
        problem_of(encoding, pack(CONTENT) + more)


@pytest.mark.parametrize("encoding", list(Encoding))
@given(packed=st.binary(max_size=200))
def test_any_bytes_give_content_or_a_problem(encoding: Encoding, packed: bytes) -> None:
    try:
        unpacked(encoding, packed)
    except ProblemError as problem:
        assert problem.kind.tag == "bad-content-encoding"  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("encoding", "pack"), [(Encoding.GZIP, gzip.compress), (Encoding.ZSTD, zstd.compress)]
)
def test_streams_in_a_row_are_one_content(encoding: Encoding, pack: Callable[[bytes], bytes]) -> None:
    assert unpacked(encoding, pack(b"one ") + pack(b"") + pack(CONTENT)) == b"one " + CONTENT
    assert "streams follow" in problem_of(encoding, pack(b"") * 65).detail


def test_two_deflate_streams_are_one_too_many() -> None:
    assert "something follows" in problem_of(Encoding.DEFLATE, zlib.compress(b"a") * 2).detail


def test_a_body_is_unpacked_once_only() -> None:
    assert unpacked(Encoding.GZIP, gzip.compress(gzip.compress(CONTENT))) == gzip.compress(CONTENT)


def test_a_window_that_no_client_may_ask_for_is_refused() -> None:
    options: dict[int, int] = {
        zstd.CompressionParameter.window_log: 27,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    compressor = zstd.ZstdCompressor(options=options)
    problem = problem_of(Encoding.ZSTD, compressor.compress(CONTENT) + compressor.flush())
    assert "memory" in problem.detail
