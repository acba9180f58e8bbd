"""Limits of a connection: heads, slow clients, clients that do not read, and who is let in at all."""

import asyncio
import dataclasses
import socket
from pathlib import Path
from typing import Any

import pytest

from ingest_gateway.asgi import Receive, Scope, Send, respond
from runtime.connection_limits import ConnectionLimits
from tests.runtime.serving import read_body, serving

LIMITS = ConnectionLimits(
    max_connections=5,
    max_head_bytes=2000,
    max_headers=20,
    max_url_bytes=500,
    idle_seconds=0.3,
    head_seconds=0.3,
    body_seconds=0.3,
    write_seconds=0.3,
)
PATIENT = dataclasses.replace(LIMITS, idle_seconds=5, head_seconds=5, body_seconds=5, write_seconds=5)
CLOSE = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await read_body(receive)
    if body is not None:
        await respond(send, 200, [], b"%b:%b;" % (scope["path"].encode(), body))


async def early(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers before the body is there."""
    await respond(send, 413, [], b"no")


def post(path: bytes = b"/", headers: bytes = b"", body: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body) if b"chunked" not in headers else b""
    return b"POST %b HTTP/1.1\r\nHost: h\r\n%b%b\r\n%b" % (path, length, headers, body)


def answers(text: bytes) -> list[int]:
    return [int(part.split(b" ", 1)[0]) for part in text.split(b"HTTP/1.1 ")[1:]]


async def test_requests_within_the_limits_pass_however_they_are_cut() -> None:
    requests = post(b"/a", body=b"hello") + post(b"/b", CHUNKED, b"2\r\nhi\r\n0\r\n\r\n")
    requests += post(b"/c", CLOSE, b"bye")
    async with serving(echo, PATIENT) as server:
        for size in (1, 7, 50, 1000):
            packets = [requests[at : at + size] for at in range(0, len(requests), size)]
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            for packet in packets:
                writer.write(packet)
                await asyncio.sleep(0)
            answer = await reader.read()
            writer.close()
            assert answers(answer) == [200, 200, 200]
            assert answer.index(b"/a:hello;") < answer.index(b"/b:hi;") < answer.index(b"/c:bye;")
        assert server.refused == []


LONG = b"x" * 3000


@pytest.mark.parametrize(
    ("packets", "status", "tag"),
    [
        ([post(b"/" + b"x" * 600)], 414, "url-too-long"),
        ([post(headers=b"A: " + LONG + b"\r\n")], 431, "head-too-large"),
        ([post(headers=b"A: b\r\n" * 30)], 431, "head-too-large"),
        ([b"POST / HTTP/1.1\r\nA: ", LONG[:1500], LONG[:1500]], 431, "head-too-large"),
        ([b"POST /", LONG], 431, "head-too-large"),
        ([post(body=b"one"), post(headers=b"A: " + LONG + b"\r\n")], 431, "head-too-large"),
    ],
    ids=["url", "header", "headers", "dripped", "endless-url", "second"],
)
async def test_a_head_that_is_too_large_is_refused(packets: list[bytes], status: int, tag: str) -> None:
    async with serving(echo, PATIENT) as server:
        answer = await server.exchange(*packets)
        assert answers(answer)[-1] == status
        assert b"connection: close" in answer
        assert b'"tag":"%b"' % tag.encode() in answer
        assert server.refused == [tag]


async def test_of_two_in_one_packet_the_first_is_answered_and_the_second_is_not() -> None:
    async with serving(echo, PATIENT) as server:
        answer = await server.exchange(post(b"/a", body=b"one") + post(headers=b"A: " + LONG + b"\r\n"))
        assert answers(answer) == [200]
        assert server.refused == ["head-too-large"]


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST /\xff HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST / HTTP/1.1\r\nA\0B: c\r\n\r\n",
        b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\nhello",
    ],
)
async def test_what_is_no_http_is_refused_and_the_connection_closed(request_: bytes) -> None:
    async with serving(echo, PATIENT) as server:
        answer = await server.exchange(request_)
        assert answers(answer) == [400]
        assert b'"tag":"bad-request"' in answer
        assert server.refused == ["bad-request"]


async def test_a_length_that_is_too_small_makes_the_rest_a_bad_request() -> None:
    async with serving(echo, PATIENT) as server:
        lying = post(body=b"hello").replace(b"Content-Length: 5", b"Content-Length: 2")
        answer = await server.exchange(lying)
        assert answers(answer)[0] == 200
        assert b"/:he;" in answer
        assert server.refused == ["bad-request"]


async def test_trailers_and_chunk_extensions_are_bounded_like_heads() -> None:
    head = post(headers=CHUNKED)
    async with serving(echo, PATIENT) as server:
        for flood in (b"0\r\nA: " + LONG, b"0\r\n" + b"A: b\r\n" * 500, b"1;" + LONG):
            pieces = [flood[at : at + 500] for at in range(0, len(flood), 500)]
            answer = await server.exchange(head, *pieces)
            assert answers(answer) == [431]
        body = b"1;x=y\r\na\r\n0\r\nA: b\r\n\r\n"
        assert b"/:a;" in await server.exchange(post(headers=CLOSE + CHUNKED, body=body))


async def test_a_slow_head_is_cut_off_however_often_a_byte_comes() -> None:
    async with serving(echo, LIMITS) as server:
        head = b"POST / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 200
        answer = await server.exchange(*(head[at : at + 1] for at in range(len(head))))
        assert answers(answer) == [408]
        assert server.refused == ["slow-head"]


async def test_each_head_has_its_own_time_also_when_none_ever_ends_with_a_packet() -> None:
    one = post(b"/a", body=b"x")
    stream = one[:20] + (one[20:] + one[:20]) * 60 + post(b"/a", CLOSE)[20:]
    # Longer than one head may take, and shorter than a busy machine makes one wait.
    limits = dataclasses.replace(PATIENT, head_seconds=0.5)
    async with serving(echo, limits) as server:
        answer = await server.exchange(
            *(stream[at : at + len(one)] for at in range(0, len(stream), len(one)))
        )
        assert answers(answer) == [200] * 61
        assert server.refused == []


async def test_a_slow_body_is_cut_off_and_the_application_hears_of_it() -> None:
    heard: list[bytes | None] = []

    async def application(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.append(await read_body(receive))

    async with serving(application, LIMITS) as server:
        head = post().replace(b"Content-Length: 0", b"Content-Length: 1000")
        answer = await server.exchange(head, *[b"x"] * 100)
        assert answers(answer) == [408]
        assert server.refused == ["slow-body"]
        assert heard == [None]


async def test_a_body_that_nobody_reads_any_more_is_cut_off_too() -> None:
    async with serving(early, LIMITS) as server:
        head = post().replace(b"Content-Length: 0", b"Content-Length: 1000000")
        answer = await server.exchange(head, *[b"x"] * 100)
        assert answers(answer) == [413]
        assert server.refused == ["slow-body"]
        assert server.connections <= 1


async def test_an_answer_survives_a_client_that_is_still_sending() -> None:
    async with serving(echo, PATIENT) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"POST / HTTP/1.1\r\nA: " + b"x" * 4_000_000)
        async with asyncio.timeout(60):
            assert answers(await reader.read()) == [431]
        writer.close()


@pytest.mark.parametrize("first", [b"", post(body=b"x")], ids=["fresh", "after a request"])
async def test_an_idle_connection_is_closed(first: bytes) -> None:
    async with serving(echo, LIMITS) as server:
        answer = await server.exchange(*([first] if first else []))
        assert answers(answer) == ([200] if first else [])
        assert server.refused == []


async def test_a_client_that_never_reads_is_cut_off() -> None:
    async def large(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, 200, [], b"x" * 8_000_000)

    async with serving(large, LIMITS) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(post() * 5)
            async with asyncio.timeout(60):
                while not server.connections:  # noqa: ASYNC110 - uvicorn has no event for it
                    await asyncio.sleep(0.01)
                while server.connections:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.01)


async def test_a_client_that_reads_slowly_is_not() -> None:
    async def large(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, 200, [], b"x" * 30_000_000)

    async with serving(large, LIMITS) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(post(headers=CLOSE))
        size = 0
        async with asyncio.timeout(60):
            while data := await reader.read(1_000_000):
                size += len(data)
                await asyncio.sleep(0.005)
        writer.close()
        assert size > 30_000_000


async def test_one_connection_too_many_is_told_so() -> None:
    async with serving(echo, PATIENT) as server:
        others: list[Any] = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(5)]
        answer = await server.exchange()
        assert answers(answer) == [503]
        assert b"retry-after: 1" in answer
        assert server.refused == ["too-many-connections"]
        others.pop()[1].close()
        async with asyncio.timeout(60):
            while server.connections >= 5:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
        assert b"/:x;" in await server.exchange(post(headers=CLOSE, body=b"x"))
        for _, writer in others:
            writer.close()


async def test_a_private_socket_is_open_whoever_else_has_come(tmp_path: Path) -> None:
    path = tmp_path / "private.sock"
    async with serving(echo, dataclasses.replace(PATIENT, max_connections=0), path) as server:
        assert answers(await server.exchange()) == [503]
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(post(headers=CLOSE, body=b"x"))
        assert b"/:x;" in await reader.read()
        writer.close()


async def test_without_limits_in_time_a_body_may_take_its_time() -> None:
    limits = dataclasses.replace(LIMITS, body_seconds=None, write_seconds=None)
    async with serving(echo, limits) as server:
        head = post(headers=CLOSE).replace(b"Content-Length: 0", b"Content-Length: 60")
        answer = await server.exchange(head, *[b"x"] * 60)
        assert answers(answer) == [200]
