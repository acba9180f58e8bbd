"""The HTTP interface as an ASGI application: routes, authentication, and how a request becomes a statement."""

import asyncio
import uuid
from collections.abc import Iterator, MutableMapping
from typing import Any

from infra.embedded.clickhouse.auth import authenticate
from infra.embedded.clickhouse.engine import Engine
from infra.embedded.clickhouse.errors import QUERY_IS_TOO_LARGE, READONLY, ClickHouseError
from infra.embedded.clickhouse.execution import Exchange, answer_command, answer_insert, answer_result
from infra.embedded.clickhouse.payload import ClientDisconnectedError, Payload, Receive
from infra.embedded.clickhouse.reply import Reply, Send, StalledClientError
from infra.embedded.clickhouse.request import Request, parse_request
from infra.embedded.clickhouse.response import Identity
from infra.embedded.clickhouse.settings import Settings
from infra.embedded.clickhouse.statement import Kind, Statement, parse_statement
from runtime.logging import get_logger

Scope = MutableMapping[str, Any]

_LOG = get_logger(__name__)
_MAX_SQL = 1 << 20
_INLINE_SQL = 64 << 10  # more than this is parsed on a thread
_METHODS = ("GET", "HEAD", "POST", "PUT")
_NO_HANDLE = "There is no handle {path}\n\nUse / or /ping for health checks.\n\nSend queries with POST / or GET /?query=...\n"


class Application:
    """ClickHouse's HTTP interface over one open engine."""

    def __init__(self, engine: Engine, settings: Settings, password: str) -> None:
        self._engine = engine
        self._idle_timeout = settings.idle_timeout
        self._password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path in ("/ping", "/replicas_status"):
            await _text(send, 200, "Ok.\n")
        elif path != "/":
            await _text(send, 404, _NO_HANDLE.format(path=path))
        elif scope["method"] not in _METHODS:
            await _text(send, 405, f"The method {scope['method']} is not supported: use GET or POST\n")
        elif scope["method"] in ("GET", "HEAD") and b"query=" not in scope["query_string"]:
            await _text(send, 200, "Ok.\n")
        else:
            await self._statement(scope, receive, send)

    async def _statement(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        engine = self._engine
        identity = Identity(str(uuid.uuid4()), engine.timezone, engine.host_name)
        reply = Reply(send, identity, engine.version, self._idle_timeout)
        try:
            request = parse_request(scope["query_string"], headers)
            authenticate(headers, request, self._password)
            if request.query_id:
                identity = Identity(request.query_id, engine.timezone, engine.host_name)
                reply = Reply(send, identity, engine.version, self._idle_timeout)
            payload = Payload(
                receive, headers.get(b"content-encoding", b"").decode("latin-1"), self._idle_timeout
            )
            await payload.open()
            statement, pieces = await _read_statement(request, payload)
            if scope["method"] in ("GET", "HEAD"):
                _require_readonly(statement)
            accept_encoding = headers.get(b"accept-encoding") if _compresses(request) else None
            exchange = Exchange(engine, request, identity, reply, receive, accept_encoding)
            await _answer(exchange, statement, pieces)
        except ClickHouseError as error:
            await reply.error(error)
        except (ClientDisconnectedError, StalledClientError) as error:
            _LOG.info("client_gone", reason=type(error).__name__, query_id=identity.query_id)


async def _answer(exchange: Exchange, statement: Statement, pieces: Iterator[bytes]) -> None:
    if statement.kind is Kind.INSERT:
        await answer_insert(exchange, statement, pieces)
    elif statement.kind is Kind.RESULT:
        await answer_result(exchange, statement)
    else:
        await answer_command(exchange, statement)


async def _read_statement(request: Request, payload: Payload) -> tuple[Statement, Iterator[bytes]]:
    """The statement, and the data of an INSERT; the URL's query and the body are one text, with a line's end between."""
    if request.query:
        statement = await _parse(request.query)
        if statement.kind is Kind.INSERT:
            first = request.query[statement.data_offset :]
            return statement, _joined(first + b"\n" if first.strip() else b"", payload.pieces())
    head = await payload.head(_MAX_SQL)
    if not head and request.query:
        return statement, iter(())
    prefix = request.query + b"\n" if request.query else b""
    statement = await _parse(prefix + head)
    if statement.kind is Kind.INSERT:
        inside = prefix[statement.data_offset :]
        return statement, _joined(inside, payload.pieces(skip=max(0, statement.data_offset - len(prefix))))
    if len(head) > _MAX_SQL:
        raise ClickHouseError.of(QUERY_IS_TOO_LARGE, f"The query is larger than {_MAX_SQL} bytes")
    return statement, iter(())


async def _parse(text: bytes) -> Statement:
    if len(text) <= _INLINE_SQL:
        return parse_statement(text)
    return await asyncio.to_thread(parse_statement, text)


def _joined(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from pieces


def _require_readonly(statement: Statement) -> None:
    if statement.kind not in (Kind.RESULT, Kind.SESSION):
        raise ClickHouseError.of(
            READONLY,
            "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. "
            "You should use method POST for modifying queries.",
        )


def _compresses(request: Request) -> bool:
    return request.settings.get("enable_http_compression", "0") in ("1", "true")


async def _text(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/html; charset=UTF-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
