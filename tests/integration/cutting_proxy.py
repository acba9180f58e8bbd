"""A TCP proxy before ClickHouse that breaks inserts: their requests half-way, or their answers."""

import asyncio
import contextlib
from collections.abc import Callable
from enum import StrEnum


class Cut(StrEnum):
    """Where a connection is reset."""

    REQUEST = "in the middle of the data"
    ANSWER = "when the insert is done and its answer is due"
    HANG = "never: nothing is answered, until the client gives up"


class CuttingProxy:
    """Forwards to a local port; the first `times` connections that carry an insert are reset.

    `on_cut` is called at that moment, in a thread: all other connections go on.
    """

    def __init__(self, target: int, cut: Cut, times: int, on_cut: Callable[[], None] = lambda: None) -> None:
        self._target = target
        self._cut = cut
        self._on_cut = on_cut
        self.left = times
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._connect(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(_abort, writer)
            upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._target)
            stack.push_async_callback(_abort, upstream)
            doomed = asyncio.Event()
            directions = [
                asyncio.create_task(self._forward_request(reader, upstream, doomed)),
                asyncio.create_task(self._forward_answer(upstream_reader, writer, doomed)),
            ]
            try:
                await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for direction in directions:
                    direction.cancel()
                await asyncio.gather(*directions, return_exceptions=True)

    async def _forward_request(
        self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            if data.startswith(b"POST") and b"INSERT" in data[:4096] and self.left:
                self.left -= 1
                if self._cut is Cut.REQUEST:
                    while data.endswith(b"\r\n\r\n"):
                        data += await reader.read(65536)  # the rows come after the head
                    # Up to the end of a line, where a careless server would take the end for the end of data.
                    upstream.write(data[: data.rindex(b"\n", 0, len(data) - 1) + 1])
                    await upstream.drain()
                    await asyncio.to_thread(self._on_cut)
                    return
                if self._cut is Cut.HANG:
                    await asyncio.to_thread(self._on_cut)
                    while await reader.read(65536):
                        continue
                    return
                doomed.set()
            upstream.write(data)
            await upstream.drain()

    async def _forward_answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            if doomed.is_set():
                await asyncio.to_thread(self._on_cut)
                return
            writer.write(data)
            await writer.drain()


async def _abort(stream: asyncio.StreamWriter) -> None:
    stream.transport.abort()
    with contextlib.suppress(ConnectionError):
        await stream.wait_closed()
