"""The outermost ASGI application: exact paths of hot routes first, everything else to FastAPI."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from ingest_gateway.errors import METHOD_NOT_ALLOWED
from runtime.problems import ErrorKind, ProblemError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class Dispatcher:
    """Hot routes take POST only and skip FastAPI's layers, which cost more than all our work on an event."""

    def __init__(
        self, hot: Mapping[str, Application], rest: Application, on_refused: Callable[[ErrorKind], None]
    ) -> None:
        """`hot` by exact path; `on_refused` hears what is answered here."""
        self._hot = dict(hot)
        self._rest = rest
        self._on_refused = on_refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        endpoint = self._hot.get(scope["path"]) if scope["type"] == "http" else None
        if endpoint is None:
            await self._rest(scope, receive, send)
        elif scope["method"] == "POST":
            await endpoint(scope, receive, send)
        else:
            self._on_refused(METHOD_NOT_ALLOWED)
            problem = ProblemError(METHOD_NOT_ALLOWED, "use POST", extra_headers={"allow": "POST"})
            await respond_problem(send, problem)


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole answer; `headers` lack the length."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def respond_problem(send: Send, problem: ProblemError) -> None:
    """Send an error as problem+json.

    The connection stays, also where the body has not been read: closing on a client that still sends would
    take the answer from it. The server reads on and keeps nothing.
    """
    headers = [(name.encode(), value.encode()) for name, value in problem.headers().items()]
    await respond(send, problem.kind.status, headers, problem.body())
