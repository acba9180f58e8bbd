"""Reading a request's body within its limits, and unpacking it where it is compressed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

from ingest_gateway.content_encoding import SLICE_BYTES, Encoding, content_encoding, unpack
from ingest_gateway.errors import (
    BAD_LENGTH,
    BODY_TOO_LARGE,
    COMPRESSION_TOO_HIGH,
    DECODED_TOO_LARGE,
    OVERLOADED,
)
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# Honest repetition compresses as well as a bomb does; a bomb is told by going on.
_RATIO_COUNTS_FROM = 1024 * 1024
# An empty piece costs a step all the same.
_STEP_BYTES = 4096


class ClientGoneError(Exception):
    """The client went away before its request was complete; there is nobody to answer."""


class BodyReader:
    """Reads bodies; together, those that are not complete stay within `limits.max_reading_bytes`.

    How long a body may take is the server's business, which knows it without a timer for each request.
    """

    def __init__(self, limits: Limits) -> None:
        """Nothing is being read."""
        self._limits = limits
        self._large = asyncio.Lock()
        self.reading_bytes = 0

    async def read(self, receive: Receive, headers: Mapping[bytes, bytes]) -> tuple[bytes, int]:
        """The whole body, unpacked, and how many bytes it took to send.

        Raises:
            ProblemError: it is too large or badly compressed, or too much is being received already.
            ClientGoneError: the client went away.
        """
        encoding = content_encoding(headers)
        self._check_declared(headers.get(b"content-length"))
        wire, more = _chunk_of(await receive())
        if more:
            wire = await self._read_on(receive, wire)
        elif len(wire) > self._limits.max_body_bytes:
            raise self._too_large()
        return wire if encoding is None else await self._unpack(encoding, wire), len(wire)

    def _check_declared(self, declared: bytes | None) -> None:
        if declared is None:
            return
        if not declared.isdigit():
            raise ProblemError(BAD_LENGTH, "send the length in bytes, in decimal digits")
        if len(declared) > 19 or int(declared) > self._limits.max_body_bytes:
            raise self._too_large()

    def _too_large(self) -> ProblemError:
        return ProblemError(BODY_TOO_LARGE, f"send at most {self._limits.max_body_bytes} bytes in a request")

    async def _read_on(self, receive: Receive, first: bytes) -> bytes:
        body = bytearray()
        chunk, more = first, True
        try:
            while True:
                body += chunk
                self._hold(len(chunk))
                if len(body) > self._limits.max_body_bytes:
                    raise self._too_large()
                if not more:
                    return bytes(body)
                chunk, more = _chunk_of(await receive())
        finally:
            self.reading_bytes -= len(body)

    def _hold(self, size: int) -> None:
        self.reading_bytes += size
        if self.reading_bytes > self._limits.max_reading_bytes:
            raise ProblemError(OVERLOADED, "nothing was stored: send again, and slower")

    async def _unpack(self, encoding: Encoding, packed: bytes) -> bytes:
        """Small contents at once; large ones one after the other, which bounds what their decoders hold."""
        content = self._unpack_small(unpack(encoding, packed), len(packed))
        if content is not None:
            return content
        try:
            self._hold(len(packed))
            async with self._large:
                return await self._unpack_large(unpack(encoding, packed), len(packed))
        finally:
            self.reading_bytes -= len(packed)

    def _unpack_small(self, pieces: Iterator[bytes], packed: int) -> bytes | None:
        """All of it, or None when it is more than a slice."""
        found: list[bytes] = []
        work = 0
        for piece in pieces:
            found.append(piece)
            work += len(piece) + _STEP_BYTES
            if work > SLICE_BYTES:
                return None
        content = found[0] if len(found) == 1 else b"".join(found)
        self._check_unpacked(len(content), packed)
        return content

    async def _unpack_large(self, pieces: Iterator[bytes], packed: int) -> bytes:
        content = bytearray()
        work = 0
        for piece in pieces:
            content += piece
            self._check_unpacked(len(content), packed)
            work += len(piece) + _STEP_BYTES
            if work > SLICE_BYTES:
                work = 0
                await asyncio.sleep(0)  # others have their turn
        return bytes(content)

    def _check_unpacked(self, size: int, packed: int) -> None:
        limits = self._limits
        if size > limits.max_decoded_bytes:
            raise ProblemError(
                DECODED_TOO_LARGE, f"send at most {limits.max_decoded_bytes} bytes in a request, uncompressed"
            )
        if size > _RATIO_COUNTS_FROM and size > limits.max_ratio * packed:
            raise ProblemError(
                COMPRESSION_TOO_HIGH,
                f"it may unpack to {limits.max_ratio} times its size: send less of it, or uncompressed",
            )


def _chunk_of(message: MutableMapping[str, Any]) -> tuple[bytes, bool]:
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message.get("body", b""), message.get("more_body", False)
