"""Content-Encoding in both directions, in bounded pieces: gzip, deflate, zstd, lz4; br on the way in."""

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import cramjam
import lz4.frame  # type: ignore[import-untyped] # it has no stubs

from infra.embedded.clickhouse.errors import CANNOT_DECOMPRESS, NOT_IMPLEMENTED, ClickHouseError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 1 << 20  # of decompressed data, at most
_BROTLI_LIMIT = 64 << 20  # its decoder cannot be stopped in between


class Compressor(Protocol):
    """One response's compressor."""

    def compress(self, data: bytes) -> bytes:
        """The next compressed bytes; there may be none yet."""

    def flush(self) -> bytes:
        """The rest."""


class _Lz4Compressor:
    def __init__(self) -> None:
        self._compressor = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes) -> bytes:
        begin = b"" if self._begun else self._compressor.begin()
        self._begun = True
        compressed: bytes = begin + self._compressor.compress(data)
        return compressed

    def flush(self) -> bytes:
        begin = b"" if self._begun else self._compressor.begin()
        rest: bytes = begin + self._compressor.flush()
        return rest


# The cheap ones first: what is saved on a loopback or a local network does not pay for CPU.
_COMPRESSORS: dict[str, Callable[[], Compressor]] = {
    "lz4": _Lz4Compressor,
    "zstd": lambda: zstd.ZstdCompressor(level=1),
    "gzip": lambda: zlib.compressobj(1, wbits=31),
    "deflate": lambda: zlib.compressobj(1),
}


def choose_encoding(accept_encoding: bytes) -> str | None:
    """The encoding for a response whose client accepts `accept_encoding`; None for as it is."""
    accepted = set()
    for item in accept_encoding.decode("latin-1").lower().split(","):
        name, _, quality = item.partition(";")
        if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepted.add(name.strip())
    return next((name for name in _COMPRESSORS if name in accepted), None)


def compressor(encoding: str) -> Compressor:
    """A new compressor for one of the names that `choose_encoding` gives."""
    return _COMPRESSORS[encoding]()


def decompress(encoding: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The decompressed pieces of a body, each at most 1 MiB (br: one piece, at most 64 MiB).

    Raises:
        ClickHouseError: the encoding is not known, or the body is damaged or cut off.
    """
    if encoding not in _DECOMPRESSORS:
        raise ClickHouseError.of(NOT_IMPLEMENTED, f"Unknown Content-Encoding {encoding!r}: use {_KNOWN}")
    return _checked(encoding, chunks)


def _checked(encoding: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from _DECOMPRESSORS[encoding](chunks)
    except (zlib.error, zstd.ZstdError, RuntimeError, EOFError, cramjam.DecompressionError) as error:
        raise ClickHouseError.of(
            CANNOT_DECOMPRESS, f"Cannot decompress the {encoding} body: {error}"
        ) from error


class _Decompressor(Protocol):
    """One frame's decompressor, as the standard library has it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """At most `max_length` bytes; what is left of `data` is kept inside."""


def _frames(make: Callable[[], _Decompressor]) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    """Frame after frame, with any decompressor that follows the standard library's interface."""

    def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
        decoder = make()
        fed = False
        for chunk in chunks:
            data: bytes | None = chunk
            while data is not None:
                fed = fed or bool(data)
                piece = decoder.decompress(data, PIECE)
                if piece:
                    yield piece
                data = None
                if decoder.eof:
                    data = decoder.unused_data or None
                    decoder, fed = make(), False
                elif not decoder.needs_input:
                    data = b""
        if fed:
            raise EOFError("it ends in the middle")

    return pieces


class _Zlib:
    """zlib with the interface of the other decompressors."""

    def __init__(self, wbits: int) -> None:
        self._decoder = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        tail = self._decoder.unconsumed_tail
        return self._decoder.decompress(tail + data if tail else data, max_length)


def _brotli(chunks: Iterable[bytes]) -> Iterator[bytes]:
    target = bytearray(_BROTLI_LIMIT)
    size = cramjam.brotli.decompress_into(b"".join(chunks), target)
    yield bytes(memoryview(target)[:size])


_DECOMPRESSORS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": _frames(lambda: _Zlib(31)),
    "deflate": _frames(lambda: _Zlib(15)),
    "zstd": _frames(zstd.ZstdDecompressor),
    "lz4": _frames(lz4.frame.LZ4FrameDecompressor),
    "br": _brotli,
}
_KNOWN = ", ".join(_DECOMPRESSORS)
