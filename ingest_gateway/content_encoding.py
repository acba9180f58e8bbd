"""Compressed bodies (gzip, zstd, deflate), unpacked in slices, so that whoever asks can stop at any."""

import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Protocol

from ingest_gateway.errors import BAD_ENCODING, WRONG_ENCODING
from runtime.problems import ProblemError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SLICE_BYTES = 256 * 1024

_INPUT_BYTES = 64 * 1024
# gzip and zstd may be several streams in a row, as joined log files are; each costs a start.
_MAX_STREAMS = 64
# RFC 9659: a decoder of Content-Encoding zstd need not have a window of more than 8 MB.
_WINDOW_LOG = 23
_GZIP_WBITS = 31
_RAW_WBITS = -15
_IDENTITY = frozenset({b"", b"identity"})


class Encoding(StrEnum):
    """The Content-Encodings that are understood."""

    GZIP = "gzip"
    ZSTD = "zstd"
    DEFLATE = "deflate"


ACCEPTED = ", ".join(Encoding)
# RFC 9110, 8.4.1.3: x-gzip is to be taken for gzip.
_BY_NAME = {encoding.value.encode(): encoding for encoding in Encoding} | {b"x-gzip": Encoding.GZIP}


class _Stream(Protocol):
    """One compressed stream, as the standard library's `compression` decompressors are."""

    @property
    def eof(self) -> bool:
        """Whether its end was met."""

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing more to be had of what it was given."""

    @property
    def unused_data(self) -> bytes:
        """What it was given beyond its end."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` further bytes."""


class _ZlibStream:
    """zlib's decompressor with the interface of the others."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.needs_input = not self._zlib.unconsumed_tail and len(found) < max_length
        return found


def content_encoding(headers: Mapping[bytes, bytes]) -> Encoding | None:
    """How the body is said to be compressed; None when it is not.

    Raises:
        ProblemError: in a way that is not understood, or more than once.
    """
    name = headers.get(b"content-encoding")
    if name is None:
        return None
    name = name.strip().lower()
    if name in _IDENTITY:
        return None
    encoding = _BY_NAME.get(name)
    if encoding is None:
        detail = f"send the body as it is, or with one Content-Encoding out of {ACCEPTED}"
        raise ProblemError(WRONG_ENCODING, detail, extra_headers={"accept-encoding": ACCEPTED})
    return encoding


def unpack(encoding: Encoding, packed: bytes) -> Iterator[bytes]:
    """What `packed` holds, in pieces of at most SLICE_BYTES, some of them empty.

    Raises:
        ProblemError: while iterating, when it is damaged, cut off, or followed by something else.
    """
    position = streams = 0
    while position < len(packed) or not streams:
        streams += 1
        if streams > _MAX_STREAMS:
            raise _bad(encoding, f"more than {_MAX_STREAMS} streams follow each other")
        if streams > 1 and encoding is Encoding.DEFLATE:
            raise _bad(encoding, "something follows its end")
        stream = _OPEN[encoding](packed[position : position + 2])
        while not stream.eof:
            data = b""
            if stream.needs_input:
                data = packed[position : position + _INPUT_BYTES]
                position += len(data)
                if not data:
                    raise _bad(encoding, "its end is missing")
            yield _decompress(stream, encoding, data)
        position -= len(stream.unused_data)


def _decompress(stream: _Stream, encoding: Encoding, data: bytes) -> bytes:
    try:
        return stream.decompress(data, SLICE_BYTES)
    except (zlib.error, zstd.ZstdError) as error:
        raise _bad(encoding, str(error)) from None


def _bad(encoding: Encoding, reason: str) -> ProblemError:
    return ProblemError(BAD_ENCODING, f"it was announced as {encoding}: {reason}")


def _open_gzip(_start: bytes) -> _Stream:
    return _ZlibStream(_GZIP_WBITS)


def _open_zstd(_start: bytes) -> _Stream:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG})


def _open_deflate(start: bytes) -> _Stream:
    """In zlib's format, as RFC 9110 has it, or raw, as some clients send it; RFC 1950 tells them apart."""
    is_zlib = len(start) == 2 and start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start) % 31 == 0
    return _ZlibStream(zlib.MAX_WBITS if is_zlib else _RAW_WBITS)


_OPEN: dict[Encoding, Callable[[bytes], _Stream]] = {
    Encoding.GZIP: _open_gzip,
    Encoding.ZSTD: _open_zstd,
    Encoding.DEFLATE: _open_deflate,
}
