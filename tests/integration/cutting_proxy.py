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

    async def start(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._target)
        doomed = asyncio.Event()
        with contextlib.suppress(ConnectionError):
            await asyncio.wait(
                [
                    asyncio.create_task(self._forward_request(reader, upstream, doomed)),
                    asyncio.create_task(self._forward_answer(upstream_reader, writer, doomed)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        upstream.transport.abort()
        writer.transport.abort()

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
