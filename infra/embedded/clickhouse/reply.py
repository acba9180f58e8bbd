"""One HTTP response over ASGI: whole or streamed, compressed when asked for, never waiting for ever."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from infra.embedded.clickhouse.compression import Compressor, choose_encoding, compressor
from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.response import Headers, Identity, error_response, exception_block

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_INLINE = 64 << 10  # more than this is compressed on a thread


class StalledClientError(Exception):
    """The client does not read what it asked for."""


class Reply:
    """The response to one request: `begin`, `write` and `end` or `fail`; or `error` instead of all."""

    def __init__(self, send: Send, identity: Identity, version: str, idle_timeout: float) -> None:
        self._send = send
        self._identity = identity
        self._version = version
        self._idle_timeout = idle_timeout
        self._tag = secrets.token_hex(8)
        self._compressor: Compressor | None = None

    async def begin(self, headers: Headers, length: int, accept_encoding: bytes | None) -> None:
        """Send status 200 and the headers; `length` is that of the whole body, or -1 for not known yet."""
        encoding = choose_encoding(accept_encoding) if accept_encoding and length != 0 else None
        if encoding:
            self._compressor = compressor(encoding)
            headers = [*headers, (b"content-encoding", encoding.encode())]
        elif length >= 0:
            headers = [*headers, (b"content-length", str(length).encode())]
        headers = [*headers, (b"x-clickhouse-exception-tag", self._tag.encode())]
        await self._pass({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(self, data: bytes) -> None:
        """Send a part of the body.

        Raises:
            StalledClientError: the client has read nothing for too long.
        """
        if self._compressor is not None:
            if len(data) > _INLINE:
                data = await asyncio.to_thread(self._compressor.compress, data)
            else:
                data = self._compressor.compress(data)
        if data:
            await self._pass({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        """The body was complete."""
        rest = self._compressor.flush() if self._compressor is not None else b""
        await self._pass({"type": "http.response.body", "body": rest})

    async def fail(self, error: ClickHouseError) -> None:
        """The statement failed after its result had begun: mark it, and leave the response without an end.

        The application has to return after this; the server then cuts the connection.
        """
        await self.write(exception_block(error, self._tag, self._version))
        if self._compressor is not None:
            rest = self._compressor.flush()
            await self._pass({"type": "http.response.body", "body": rest, "more_body": True})

    async def error(self, error: ClickHouseError) -> None:
        """The whole response for a statement that failed before anything was sent."""
        status, headers, body = error_response(error, self._identity, self._version)
        await self._pass({"type": "http.response.start", "status": status, "headers": headers})
        await self._pass({"type": "http.response.body", "body": body})

    async def _pass(self, message: MutableMapping[str, Any]) -> None:
        try:
            await asyncio.wait_for(self._send(message), self._idle_timeout)
        except TimeoutError:
            raise StalledClientError from None
