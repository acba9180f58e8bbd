"""Reading a request's body within its limits, and what its headers say of it."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from ingest_gateway.deadline import Deadline
from ingest_gateway.errors import (
    BAD_LENGTH,
    BODY_TOO_LARGE,
    OVERLOADED,
    SLOW_BODY,
    WRONG_ENCODING,
    WRONG_TYPE,
)
from ingest_gateway.limits import Limits
from runtime.problems import ProblemError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_JSON = b"application/json"
_NDJSON = frozenset({b"application/x-ndjson", b"application/ndjson", b"application/jsonl"})


class ClientGoneError(Exception):
    """The client went away before its request was complete; there is nobody to answer."""


def announces_lines(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the body is said to be NDJSON rather than JSON.

    Raises:
        ProblemError: it is said to be something else, or to be encoded.
    """
    encoding = headers.get(b"content-encoding")
    if encoding is not None and encoding.strip().lower() not in {b"", b"identity"}:
        raise ProblemError(WRONG_ENCODING, "send the body as it is, without Content-Encoding")
    content_type = headers.get(b"content-type", b"")
    if content_type == _JSON:
        return False
    media_type, _, parameters = content_type.lower().partition(b";")
    parameters = parameters.replace(b" ", b"").replace(b'"', b"")
    if parameters in {b"", b"charset=utf-8"}:
        if media_type.strip() == _JSON:
            return False
        if media_type.strip() in _NDJSON:
            return True
    raise ProblemError(WRONG_TYPE, "send Content-Type: application/json or application/x-ndjson, in UTF-8")


class BodyReader:
    """Reads bodies; together, those that are not complete stay within `limits.max_reading_bytes`."""

    def __init__(self, limits: Limits) -> None:
        """Nothing is being read."""
        self._limits = limits
        self.reading_bytes = 0

    async def read(self, receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
        """The whole body.

        Raises:
            ProblemError: it is too large, too slow, or too much is being received already.
            ClientGoneError: the client went away.
        """
        self._check_declared(headers.get(b"content-length"))
        try:
            with Deadline(self._limits.body_seconds):
                chunk, more = await _next_chunk(receive)
                if not more:
                    self._check_size(len(chunk))
                    return chunk
                return await self._read_on(receive, chunk)
        except TimeoutError:
            raise ProblemError(
                SLOW_BODY, f"it must be complete within {self._limits.body_seconds:g} seconds"
            ) from None

    def _check_declared(self, declared: bytes | None) -> None:
        if declared is None:
            return
        if not declared.isdigit():
            raise ProblemError(BAD_LENGTH, "send the length in bytes, in decimal digits")
        self._check_size(int(declared) if len(declared) < 20 else 10**20)

    def _check_size(self, size: int) -> None:
        if size > self._limits.max_body_bytes:
            raise ProblemError(
                BODY_TOO_LARGE, f"send at most {self._limits.max_body_bytes} bytes in a request"
            )

    async def _read_on(self, receive: Receive, first: bytes) -> bytes:
        body = bytearray()
        chunk, more = first, True
        try:
            while True:
                body += chunk
                self.reading_bytes += len(chunk)
                self._check_size(len(body))
                if self.reading_bytes > self._limits.max_reading_bytes:
                    raise ProblemError(OVERLOADED, "nothing was stored: send again, and slower")
                if not more:
                    return bytes(body)
                chunk, more = await _next_chunk(receive)
        finally:
            self.reading_bytes -= len(body)


async def _next_chunk(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message.get("body", b""), message.get("more_body", False)
