"""Counts and times requests by route, method and status."""

import time

from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_SECONDS = Histogram(
    "promethios_query_request_duration_seconds",
    "Time from a request's head to the end of its answer.",
    ("route", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestMetrics:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        """Watch `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it, whatever becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            elapsed = time.perf_counter() - started
            _SECONDS.labels(_route_of(scope), _method_of(scope), status).observe(elapsed)


def _route_of(scope: Scope) -> str:
    # The route's template, not the path: an agent's id must not become a label.
    return getattr(scope.get("route"), "path", _NO_ROUTE)


def _method_of(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "other"
