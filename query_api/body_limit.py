"""Refuses bodies that are larger than any control request needs."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from query_api import errors
from query_api.error_handlers import problem_response
from runtime.problems import ProblemError

MAX_BODY_BYTES = 64 * 1024
_DETAIL = f"A body may have {MAX_BODY_BYTES} bytes."


class BodyLimit:
    """ASGI middleware: 413 by Content-Length before anything is read, else as soon as too much has come."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _announced_bytes(scope) > MAX_BODY_BYTES:
            response = problem_response(ProblemError(errors.TOO_LARGE, _DETAIL))
            await response(scope, receive, send)
        else:
            await self._app(scope, _counting(receive), send)


def _announced_bytes(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _counting(receive: Receive) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            # An HTTPException, because FastAPI turns any other into "400 parsing the body".
            raise HTTPException(413, _DETAIL)
        return message

    return counted
