"""Whole answers leave in one write, all others as uvicorn sends them; bodies come as they are sent."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.asgi import Application, Receive, Scope, Send
from runtime.http_cycle import Wake, known_head
from runtime.http_protocol import JoinedWritesProtocol

Exchange = Callable[..., Awaitable[bytes]]

LENGTH = (b"content-length", b"5")
START = {"type": "http.response.start", "status": 200, "headers": [LENGTH, (b"X-Kind", b"a")]}
HELLO = {"type": "http.response.body", "body": b"hello"}


async def whole(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(START)
    await send(HELLO)


async def in_pieces(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"he", "more_body": True})
    await send({"type": "http.response.body", "body": b"llo"})


async def of_unknown_length(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send(HELLO)


async def closing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({**START, "headers": [LENGTH, (b"connection", b"close")]})
    await send(HELLO)


async def failing_between(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(START)
    raise LookupError("between head and content")


async def too_short(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"hell"})


async def smuggling(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({**START, "headers": [LENGTH, (b"x-kind", b"a\r\nx-smuggled: b")]})
    await send(HELLO)


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """The pieces of the body as they were received, each in brackets; then what comes after the body."""
    text, more = b"", True
    while more:
        event = await receive()
        more = event["more_body"]
        text += b"[%b]" % event["body"]
    length = (b"content-length", b"%d" % len(text))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": text})
    text = (await receive())["type"].encode()
    assert text == b"http.disconnect"


APPLICATIONS: dict[str, Application] = {
    f"/{app.__name__}": app
    for app in (whole, in_pieces, of_unknown_length, closing, failing_between, too_short, smuggling, echo)
}


class Protocol(JoinedWritesProtocol):
    """As our servers use it: without access log, which uvicorn takes for wanted where pytest listens."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **named)
        self.access_log = False


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    """Sends packets, and reads until the server closes."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await APPLICATIONS[scope["path"]](scope, receive, send)

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(serve, http=Protocol, ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(60):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)

    async def send(*packets: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        for packet in packets:
            writer.write(packet)
            await asyncio.sleep(0.01)  # so that it is a packet of its own
        async with asyncio.timeout(60):
            answer = await reader.read()
        writer.close()
        return answer

    yield send
    server.should_exit = True
    await running


def get(path: str, method: str = "GET", version: str = "1.1", headers: str = "") -> bytes:
    return f"{method} /{path} HTTP/{version}\r\nHost: h\r\n{headers}\r\n".encode()


async def test_a_whole_answer_has_its_head_the_date_and_the_content(exchange: Exchange) -> None:
    answer = await exchange(get("whole"), get("whole", headers="Connection: close\r\n"))
    first, second = answer.split(b"HTTP/1.1 200 OK\r\n")[1:]
    for head, content in (first.split(b"\r\n\r\n"), second.split(b"\r\n\r\n")):
        lines = head.split(b"\r\n")
        assert sum(line.startswith(b"date: ") for line in lines) == 1
        assert {b"content-length: 5", b"x-kind: a"} <= set(lines)
        assert content == b"hello"
    assert b"connection: close" in second
    assert b"connection" not in first


@pytest.mark.parametrize("path", ["whole", "in_pieces", "of_unknown_length", "closing"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_every_kind_of_answer_arrives(exchange: Exchange, path: str, version: str) -> None:
    answer = await exchange(get(path, version=version, headers="Connection: close\r\n"))
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert head.count(b"connection: close") == 1
    assert content == (b"5\r\nhello\r\n0\r\n\r\n" if b"chunked" in head else b"hello")


async def test_a_head_is_asked_for_alone(exchange: Exchange) -> None:
    answer = await exchange(get("whole", "HEAD", headers="Connection: close\r\n"))
    assert b"content-length: 5" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_a_failure_between_head_and_content_is_a_500_in_place_of_the_head(
    exchange: Exchange,
) -> None:
    answer = await exchange(get("failing_between"))
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"200 OK" not in answer


async def test_content_that_is_not_as_long_as_said_ends_the_connection(exchange: Exchange) -> None:
    answer = await exchange(get("too_short"))
    assert answer.endswith(b"\r\n\r\nhell")


async def test_a_header_that_holds_a_line_break_is_not_sent(exchange: Exchange) -> None:
    assert b"smuggled" not in await exchange(get("smuggling"))


@pytest.mark.parametrize(
    ("packets", "expected"),
    [
        ([b"Content-Length: 6\r\n\r\nabcdef"], b"[abcdef]"),
        ([b"Content-Length: 6\r\n\r\n", b"abc", b"def"], b"[abc][def]"),
        ([b"Content-Length: 0\r\n\r\n"], b"[]"),
        ([b"\r\n"], b"[]"),
        ([b"Transfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n"], b"[abc][]"),
    ],
)
async def test_bodies_come_in_their_pieces_and_end_once(
    exchange: Exchange, packets: list[bytes], expected: bytes
) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
    answer = await exchange(head + packets[0], *packets[1:])
    assert answer.endswith(b"\r\n\r\n" + expected)


async def test_who_asks_whether_to_go_on_is_told_so(exchange: Exchange) -> None:
    head = get("echo", "POST", headers="Connection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n")
    answer = await exchange(head, b"abc")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


async def test_requests_that_come_together_are_answered_in_order(exchange: Exchange) -> None:
    def post(number: int, headers: bytes = b"") -> bytes:
        return b"POST /echo HTTP/1.1\r\nHost: h\r\n%bContent-Length: 1\r\n\r\n%d" % (headers, number)

    answer = await exchange(post(1) + post(2) + post(3, b"Connection: close\r\n"))
    assert [answer.index(b"[%d]" % number) for number in (1, 2, 3)] == sorted(
        answer.index(b"[%d]" % number) for number in (1, 2, 3)
    )


@given(st.lists(st.tuples(st.binary(), st.binary())), st.integers(200, 203))
def test_a_head_is_kept_only_if_uvicorn_would_send_it(
    headers: list[tuple[bytes, bytes]], status: int
) -> None:
    head = known_head(status, [LENGTH, *headers])
    if head is not None:
        assert head.lines.count(b"\r\n") == len(headers) + 2
        assert head.length == 5 or any(name.lower() == b"content-length" for name, _ in headers)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-length", b"x")],
        [LENGTH, (b"transfer-encoding", b"chunked")],
        [LENGTH, (b"Connection", b"close")],
        [LENGTH, (b"na me", b"x")],
        [[b"content-length", b"5"]],
    ],
)
def test_other_heads_are_uvicorns(headers: list[tuple[bytes, bytes]]) -> None:
    assert known_head(200, headers) is None
    assert known_head(204, [LENGTH]) is None


async def test_a_wake_is_for_who_waits_now() -> None:
    wake = Wake()
    wake.set()
    waiting = asyncio.create_task(wake.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    wake.set()
    wake.set()
    await waiting
