"""Dispatching by exact path, and answers."""

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
from ingest_gateway.errors import BAD_JSON, BODY_TOO_LARGE
from runtime.connection_limits import SLOW_BODY
from runtime.problems import ProblemError


def answering(text: bytes) -> Application:
    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        await respond(send, 200, [], text)

    return application


async def call(scope: dict[str, Any]) -> tuple[int, bytes]:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read here")

    async def send(message: Message) -> None:
        sent.append(message)

    await Dispatcher({"/hot": answering(b"hot")}, answering(b"rest"))(scope, receive, send)
    start, body = sent
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]
    return start["status"], body["body"]


async def test_exact_paths_are_hot_and_all_else_is_not() -> None:
    assert await call({"type": "http", "method": "POST", "path": "/hot"}) == (200, b"hot")
    assert await call({"type": "http", "method": "POST", "path": "/hot/"}) == (200, b"rest")
    assert await call({"type": "websocket", "path": "/hot"}) == (200, b"rest")


async def test_a_hot_path_takes_post_only() -> None:
    status, body = await call({"type": "http", "method": "GET", "path": "/hot"})
    assert status == 405
    assert b"method-not-allowed" in body


async def test_only_a_body_that_does_not_come_ends_the_connection() -> None:
    for kind, closes in ((SLOW_BODY, True), (BODY_TOO_LARGE, False), (BAD_JSON, False)):
        sent: list[Message] = []

        async def send(message: Message, sent: list[Message] = sent) -> None:
            sent.append(message)

        await respond_problem(send, ProblemError(kind))
        assert ((b"connection", b"close") in sent[0]["headers"]) is closes
