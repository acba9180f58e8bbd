"""A server with the guarded protocol, and clients that speak bytes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from runtime.connection_limits import ConnectionLimits
from runtime.guarded_protocol import guarded
from runtime.problems import ErrorKind

Application = Callable[..., Awaitable[None]]


class Server:
    """Where it listens, and what it refused by itself."""

    def __init__(self, uvicorn_server: uvicorn.Server, port: int, refused: list[ErrorKind]) -> None:
        self.port = port
        self._server = uvicorn_server
        self._refused = refused

    @property
    def refused(self) -> list[str]:
        return [kind.tag for kind in self._refused]

    @property
    def connections(self) -> int:
        return len(self._server.server_state.connections)

    async def exchange(self, *packets: bytes) -> bytes:
        """Everything that the server says until it closes; nothing is sent after that."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = asyncio.create_task(reader.read())
        for packet in packets:
            if answer.done():
                break
            writer.write(packet)
            await asyncio.sleep(0.01)  # so that it is a packet of its own
        async with asyncio.timeout(60):
            await answer
        writer.close()
        return await answer


@asynccontextmanager
async def serving(
    application: Application, limits: ConnectionLimits, private: Path | None = None
) -> AsyncIterator[Server]:
    """Serve on a port, and on a Unix socket if there is a path for it."""
    listener = socket.create_server(("127.0.0.1", 0))
    sockets = [listener]
    if private is not None:
        sockets.append(socket.socket(socket.AF_UNIX))
        sockets[-1].bind(str(private))
    refused: list[ErrorKind] = []
    config = uvicorn.Config(
        application,
        http=guarded(limits, refused.append),
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    uvicorn_server = uvicorn.Server(config)
    server = Server(uvicorn_server, listener.getsockname()[1], refused)
    running = asyncio.create_task(uvicorn_server.serve(sockets))
    async with asyncio.timeout(60):
        while not uvicorn_server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        uvicorn_server.should_exit = True
        await running


async def read_body(receive: Callable[[], Awaitable[Any]]) -> bytes | None:
    """The whole body; None when the client went away."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body, more = body + message["body"], message["more_body"]
    return body
