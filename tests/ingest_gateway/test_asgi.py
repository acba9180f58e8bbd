"""Dispatching by exact path, and answers."""

from collections.abc import Callable
from typing import Any

from ingest_gateway.asgi import (
    Application,
    Dispatcher,
    Message,
    Receive,
    Scope,
    Send,
    respond,
    respond_problem,
)
from ingest_gateway.errors import BODY_TOO_LARGE
from runtime.problems import ErrorKind, ProblemError


def answering(text: bytes) -> Application:
    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, 200, [], text)

    return application


async def call(
    scope: dict[str, Any], refused: Callable[[ErrorKind], None] = lambda _: None
) -> tuple[int, bytes]:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read here")

    async def send(message: Message) -> None:
        sent.append(message)

    await Dispatcher({"/hot": answering(b"hot")}, answering(b"rest"), refused)(scope, receive, send)
    start, body = sent
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]
    return start["status"], body["body"]


async def test_exact_paths_are_hot_and_all_else_is_not() -> None:
    assert await call({"type": "http", "method": "POST", "path": "/hot"}) == (200, b"hot")
    assert await call({"type": "http", "method": "POST", "path": "/hot/"}) == (200, b"rest")
    assert await call({"type": "websocket", "path": "/hot"}) == (200, b"rest")


async def test_a_hot_path_takes_post_only() -> None:
    refused: list[ErrorKind] = []
    status, body = await call({"type": "http", "method": "GET", "path": "/hot"}, refused.append)
    assert status == 405
    assert b"method-not-allowed" in body
    assert [kind.tag for kind in refused] == ["method-not-allowed"]


async def test_an_error_has_its_headers_and_leaves_the_connection_open() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await respond_problem(send, ProblemError(BODY_TOO_LARGE, extra_headers={"allow": "POST"}))
    headers = dict(sent[0]["headers"])
    assert (sent[0]["status"], headers[b"allow"]) == (413, b"POST")
    assert headers[b"content-type"] == b"application/problem+json"
    assert b"connection" not in headers
