"""A real HTTP server on loopback that takes webhooks: answers as it is told, and remembers what came."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

CERTIFICATE = Path(__file__).with_name("self_signed.pem")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Request(NamedTuple):
    """What came; header names are in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


def status(code: int, *headers: str) -> bytes:
    """An answer without a body."""
    lines = "".join(f"{line}\r\n" for line in headers)
    return f"HTTP/1.1 {code} Told\r\n{lines}Content-Length: 0\r\n\r\n".encode()


# None never answers.
Behaviour = Callable[[Request], bytes | None]


@dataclass
class Receiver:
    """`answer` decides, and may be replaced at any time; `connections` counts those that were made."""

    answer: Behaviour = lambda _: OK
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [request.id for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.splitlines()[:-1]
            headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            request = Request(first.split(" ")[1], headers, body)
            self.requests.append(request)
            answer = self.answer(request)
            if answer is None:
                await reader.read()
                return
            writer.write(answer)
            await writer.drain()


def self_signed() -> ssl.SSLContext:
    """A server's certificate for 127.0.0.1 that nobody vouches for; its key is known to all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@asynccontextmanager
async def receiving(
    answer: Behaviour = lambda _: OK, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A running receiver, behind TLS if a context is given; what hangs in it ends with it."""
    receiver = Receiver(answer)
    served: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(receiver.serve(reader, writer))
        served.add(task)
        task.add_done_callback(served.discard)

    # A sender keeps its connection, and says no goodbye when the receiver ends.
    goodbye_seconds = None if tls is None else 0.1
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls, ssl_shutdown_timeout=goodbye_seconds)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in tuple(served):
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)
        await server.wait_closed()
