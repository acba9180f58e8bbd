"""Joined writes: one packet an answer, in order, and nothing lost at the end; offers to upgrade."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import cast

import pytest
import uvicorn

from ingest_gateway.asgi import Receive, Scope, Send, respond
from runtime.http_protocol import JoinedWrites, JoinedWritesProtocol


class Wire:
    """A transport that notes what reaches it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def joined() -> tuple[Wire, JoinedWrites]:
    wire = Wire()
    return wire, JoinedWrites(cast("asyncio.Transport", wire))


async def test_writes_of_one_turn_are_one_write() -> None:
    wire, transport = joined()
    transport.write(b"head ")
    transport.write(b"body")
    assert wire.written == []
    await asyncio.sleep(0)
    assert wire.written == [b"head body"]
    transport.write(b"next")
    await asyncio.sleep(0)
    assert wire.written == [b"head body", b"next"]


async def test_closing_writes_what_is_kept_first() -> None:
    wire, transport = joined()
    transport.write(b"last words")
    transport.close()
    assert wire.written == [b"last words"]
    assert wire.closed
    await asyncio.sleep(0)
    assert wire.written == [b"last words"]


async def test_the_rest_is_the_transports_own() -> None:
    wire, transport = joined()
    assert transport.written is wire.written
    assert not transport.is_closing()
    wire.close()
    assert transport.is_closing()


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    headers = dict(scope["headers"])
    await respond(send, 200, [], b"%b:%b;" % (headers.get(b"x-number", b"-"), body))


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(echo, http=JoinedWritesProtocol, ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(60):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
LAST = b"POST / HTTP/1.1\r\nX-Number: last\r\nConnection: close\r\nContent-Length: 1\r\n\r\n."


def post(number: int, headers: bytes, body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: h\r\nX-Number: %d\r\n%b\r\n%b" % (number, headers, body)


async def exchange(port: int, *packets: bytes) -> bytes:
    """Everything that the server says until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for packet in packets:
        writer.write(packet)
        await writer.drain()
        await asyncio.sleep(0.01)  # so that it is a packet of its own
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("length", [b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_an_offer_to_upgrade_is_passed_over_and_the_body_is_read(port: int, length: bytes) -> None:
    body = b"hello" if length.startswith(b"Content") else b"5\r\nhello\r\n0\r\n\r\n"
    requests = post(1, OFFER + length, body) + post(2, length, body) + post(3, length + OFFER, body) + LAST
    answers = [b"1:hello;", b"2:hello;", b"3:hello;", b"last:.;"]
    for cut in range(len(requests)):
        if cut % 7 and cut > 1:
            continue
        answer = await exchange(port, requests[:cut], requests[cut:])
        assert answer.count(b"HTTP/1.1 200 OK") == 4
        places = [answer.index(part) for part in answers]
        assert places == sorted(places)


async def test_an_offer_does_not_hide_that_the_connection_is_to_be_closed(port: int) -> None:
    closing = OFFER.replace(b"Connection: ", b"Connection: close, ")
    assert b"1:hello;" in await exchange(port, post(1, closing + b"Content-Length: 5\r\n", b"hello"))


async def test_a_tunnel_is_refused(port: int) -> None:
    answer = await exchange(port, b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\nhello")
    assert answer.startswith(b"HTTP/1.1 400 ")
