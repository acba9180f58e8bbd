"""Every route of the gateway in one place."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from ingest_gateway.admission import Admission
from ingest_gateway.asgi import Application, Dispatcher
from ingest_gateway.errors import INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND
from ingest_gateway.gateway import Gateway
from ingest_gateway.metrics import GatewayMetrics
from ingest_gateway.openapi import document
from ingest_gateway.otlp.codecs import Codecs
from ingest_gateway.otlp.endpoint import OtlpEndpoint
from ingest_gateway.otlp.routes import OTLP_ROUTES
from ingest_gateway.report_endpoint import ReportEndpoint
from ingest_gateway.worker_metrics import OWN_PATH, WorkerMetrics
from runtime.openapi_pages import add_docs
from runtime.problems import ProblemError
from schemas.messages.registry import REPORT_ROUTES

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


def application(gateway: Gateway, socket: Path | None = None) -> Dispatcher:
    """The whole ASGI application: what agents report to, then what operators and tools ask.

    `socket` is this worker's private one, beside which those of the other workers lie.
    """
    admission = Admission(gateway)
    codecs = Codecs(gateway.limits)
    hot: dict[str, Application] = {
        **{route.path: ReportEndpoint(route, gateway, admission) for route in REPORT_ROUTES},
        **{route.path: OtlpEndpoint(route, gateway, admission, codecs) for route in OTLP_ROUTES},
    }

    app = FastAPI(title="Promethios ingest gateway", docs_url=None, redoc_url=None)
    add_docs(app)
    app.add_api_route("/healthz", _healthz, summary="Whether the process lives")
    app.add_api_route(
        "/readyz",
        _readyz(gateway),
        summary="Whether it can take reports",
        responses={503: {"description": "Not yet"}},
    )
    workers, text = WorkerMetrics(gateway.metrics, socket), PlainTextResponse
    app.add_api_route(
        "/metrics", _metrics(workers), summary="Prometheus metrics of all workers", response_class=text
    )
    app.add_api_route(
        OWN_PATH, _own_metrics(workers), summary="Prometheus metrics of this worker", response_class=text
    )
    app.add_exception_handler(HTTPException, _http_problem(gateway.metrics))
    app.add_exception_handler(Exception, _failure(gateway.metrics))
    document(app)
    return Dispatcher(hot, app, gateway.metrics.count_rejection)


async def _healthz() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "alive"}


def _readyz(gateway: Gateway) -> Callable[[], Awaitable[Response]]:
    async def readyz() -> Response:
        """200 when reports are taken; `control` names the next offset to apply of each control topic."""
        checks = gateway.checks
        ready = all(checks.values())
        body = {
            "status": "ready" if ready else "not ready",
            "checks": checks,
            "control": dict(gateway.control_offsets),
        }
        return Response(msgspec.json.encode(body), 200 if ready else 503, media_type="application/json")

    return readyz


def _metrics(workers: WorkerMetrics) -> Callable[[], Awaitable[Response]]:
    async def metrics() -> Response:
        """The text format of Prometheus; `worker` tells the processes that share this port apart."""
        return Response(await workers.page(), media_type=CONTENT_TYPE_LATEST)

    return metrics


def _own_metrics(workers: WorkerMetrics) -> Callable[[], Awaitable[Response]]:
    async def own_metrics() -> Response:
        """The same of the one worker that answers."""
        return Response(workers.own_page(), media_type=CONTENT_TYPE_LATEST)

    return own_metrics


def _http_problem(metrics: GatewayMetrics) -> ErrorHandler:
    async def http_problem(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        kind = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}.get(status, INTERNAL)
        headers = (error.headers if isinstance(error, HTTPException) else None) or {}
        detail = "the routes are described at /docs"
        return _answer(metrics, ProblemError(kind, detail, extra_headers=headers))

    return http_problem


def _failure(metrics: GatewayMetrics) -> ErrorHandler:
    async def failure(_request: Request, _error: Exception) -> Response:
        return _answer(metrics, ProblemError(INTERNAL, "it is logged; ask again later"))

    return failure


def _answer(metrics: GatewayMetrics, problem: ProblemError) -> Response:
    metrics.count_rejection(problem.kind)
    return Response(problem.body(), problem.kind.status, problem.headers())
