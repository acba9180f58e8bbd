"""A request's body, pulled from the client as it is used and decompressed on the thread that uses it."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

from infra.embedded.clickhouse.compression import decompress
from infra.embedded.clickhouse.errors import SOCKET_TIMEOUT, ClickHouseError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_AT_ONCE = 16 << 20  # read before a statement takes its turn; larger bodies go on while it runs


class ClientDisconnectedError(Exception):
    """The client went away before its request was complete."""


class Payload:
    """The body of one request; read once, from its beginning to its end."""

    def __init__(self, receive: Receive, encoding: str, idle_timeout: float) -> None:
        self._receive = receive
        self._encoding = encoding
        self._idle_timeout = idle_timeout
        self._complete = False
        self._loop = asyncio.get_running_loop()
        self._pieces: Iterator[bytes] = iter(())

    async def open(self) -> None:
        """Read the first 16 MiB.

        Raises:
            ClickHouseError: the encoding is not known, or the client sends nothing for too long.
            ClientDisconnectedError: the client went away.
        """
        chunks = self._chunks(await self._read(_AT_ONCE))
        self._pieces = decompress(self._encoding, chunks) if self._encoding else chunks

    async def head(self, size: int) -> bytes:
        """The first `size` bytes or more, or all there is; they stay part of the body.

        Raises:
            ClickHouseError: the body is damaged.
            ClientDisconnectedError: the client went away.
        """
        if self._complete and not self._encoding:
            return self._take(size)
        return await asyncio.to_thread(self._take, size)

    def pieces(self, skip: int = 0) -> Iterator[bytes]:
        """All of the body but its first `skip` bytes; to be iterated on a thread other than the event loop's.

        Raises:
            ClickHouseError: the body is damaged.
            ClientDisconnectedError: the client went away.
        """
        for piece in self._pieces:
            if skip >= len(piece):
                skip -= len(piece)
                continue
            yield piece[skip:] if skip else piece
            skip = 0

    def _take(self, size: int) -> bytes:
        taken = []
        length = 0
        for piece in self._pieces:
            taken.append(piece)
            length += len(piece)
            if length >= size:
                break
        head = b"".join(taken)
        self._pieces = itertools.chain([head], self._pieces)
        return head

    def _chunks(self, first: list[bytes]) -> Iterator[bytes]:
        yield from first
        while not self._complete:
            yield from asyncio.run_coroutine_threadsafe(self._read(_AT_ONCE), self._loop).result()

    async def _read(self, size: int) -> list[bytes]:
        chunks = []
        length = 0
        while not self._complete and length < size:
            try:
                message = await asyncio.wait_for(self._receive(), self._idle_timeout)
            except TimeoutError:
                raise ClickHouseError.of(
                    SOCKET_TIMEOUT,
                    f"Timeout exceeded while reading the body: nothing for {self._idle_timeout:g} s",
                ) from None
            if message["type"] == "http.disconnect":
                raise ClientDisconnectedError
            chunk = message.get("body", b"")
            if chunk:
                chunks.append(chunk)
                length += len(chunk)
            self._complete = not message.get("more_body", False)
        return chunks
