"""The HTTP interface as an ASGI application: routes, authentication, errors."""

import uuid
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import orjson

from infra.embedded.clickhouse.auth import authenticate
from infra.embedded.clickhouse.confinement import CONFINEMENT_PATH, Confinement
from infra.embedded.clickhouse.engine import Engine
from infra.embedded.clickhouse.errors import READONLY, ClickHouseError
from infra.embedded.clickhouse.execution import Exchange, answer
from infra.embedded.clickhouse.payload import ClientDisconnectedError, Payload, Receive
from infra.embedded.clickhouse.reading import read_form, read_statement
from infra.embedded.clickhouse.reply import Reply, Send, StalledClientError
from infra.embedded.clickhouse.request import Request, parse_request
from infra.embedded.clickhouse.response import Identity
from infra.embedded.clickhouse.settings import Settings
from infra.embedded.clickhouse.statement import Kind, Statement
from runtime.logging import get_logger

Scope = MutableMapping[str, Any]

_LOG = get_logger(__name__)
_METHODS = ("GET", "HEAD", "POST", "PUT")
_NO_HANDLE = (
    "There is no handle {path}\n\nUse / or /ping for health checks.\n\n"
    "Send queries with POST / or GET /?query=...\n"
)


class Application:
    """ClickHouse's HTTP interface over one open engine."""

    def __init__(self, engine: Engine, settings: Settings, password: str, confinement: Confinement) -> None:
        self._engine = engine
        self._idle_timeout = settings.idle_timeout
        self._password = password
        self._confinement = orjson.dumps(confinement)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; to return without the response's end makes the server cut the connection."""
        if scope["type"] != "http":
            return
        path, method = scope["path"], scope["method"]
        if path in ("/ping", "/replicas_status"):
            await _text(send, 200, "Ok.\n")
        elif path == CONFINEMENT_PATH:
            await _text(send, 200, self._confinement.decode(), b"application/json")
        elif path != "/":
            await _text(send, 404, _NO_HANDLE.format(path=path))
        elif method not in _METHODS:
            await _text(send, 405, f"The method {method} is not supported: use GET or POST\n")
        elif method in ("GET", "HEAD") and b"query=" not in scope["query_string"]:
            await _text(send, 200, "Ok.\n")
        else:
            await self._statement(scope, receive, send)

    async def _statement(self, scope: Scope, receive: Receive, send: Send) -> None:
        engine = self._engine
        headers: dict[bytes, bytes] = dict(scope["headers"])
        identity = Identity(str(uuid.uuid4()), engine.timezone, engine.host_name)
        reply = Reply(send, identity, engine.version, self._idle_timeout)
        try:
            request = parse_request(scope["query_string"], headers)
            authenticate(headers, request, self._password)
            if request.query_id:
                identity = Identity(request.query_id, engine.timezone, engine.host_name)
                reply = Reply(send, identity, engine.version, self._idle_timeout)
            request, statement, pieces = await self._read(scope, request, headers, receive)
            accept_encoding = headers.get(b"accept-encoding") if _compresses(request) else None
            await answer(
                Exchange(engine, request, identity, reply, receive, accept_encoding), statement, pieces
            )
        except ClickHouseError as error:
            await reply.error(error)
        except (ClientDisconnectedError, StalledClientError) as error:
            _LOG.info("client_gone", reason=type(error).__name__, query_id=identity.query_id)

    async def _read(
        self, scope: Scope, request: Request, headers: Mapping[bytes, bytes], receive: Receive
    ) -> tuple[Request, Statement, Iterator[bytes]]:
        payload = Payload(
            receive, headers.get(b"content-encoding", b"").decode("latin-1"), self._idle_timeout
        )
        await payload.open()
        form = await read_form(scope["query_string"], headers, payload)
        statement, pieces = await read_statement((form or request).query, None if form else payload)
        if scope["method"] in ("GET", "HEAD"):
            _require_readonly(statement)
        return form or request, statement, pieces


def _require_readonly(statement: Statement) -> None:
    if statement.kind not in (Kind.RESULT, Kind.SETTING):
        raise ClickHouseError.of(
            READONLY,
            "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. "
            "You should use method POST for modifying queries.",
        )


def _compresses(request: Request) -> bool:
    return request.settings.get("enable_http_compression", "0") in ("1", "true")


async def _text(
    send: Send, status: int, text: str, content_type: bytes = b"text/plain; charset=UTF-8"
) -> None:
    body = text.encode()
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
