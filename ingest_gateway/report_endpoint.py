"""A reporting route: authenticate, read, validate, hand over, answer when Kafka has it."""

import logging
import time
from collections.abc import Mapping

from ingest_gateway.asgi import Receive, Scope, Send, respond, respond_problem
from ingest_gateway.authentication import hold_back
from ingest_gateway.body import BodyReader, ClientGoneError, announces_lines
from ingest_gateway.decode import PayloadDecoder
from ingest_gateway.errors import INTERNAL
from ingest_gateway.gateway import Gateway
from ingest_gateway.idempotency import parse_idempotency_key
from ingest_gateway.report import Sender, build_report, receipt
from runtime.logging import get_logger
from runtime.problems import ProblemError
from schemas.block import Kind
from schemas.messages.registry import ReportRoute

_log = get_logger(__name__)
_LEVELS = logging.getLevelNamesMapping()
_JSON = [(b"content-type", b"application/json")]


class ReportEndpoint:
    """One route as a raw ASGI application."""

    def __init__(self, route: ReportRoute, gateway: Gateway, bodies: BodyReader) -> None:
        """`bodies` is shared by all routes, so that its limit holds for all together."""
        self._route = route
        self._gateway = gateway
        self._bodies = bodies
        self._max_events = gateway.limits.max_events
        self._decoder = PayloadDecoder(route.payload, self._max_events)
        self._metrics = gateway.metrics
        self._accepted = gateway.metrics.requests.labels(route.name, "202")
        self._rows = {kind: gateway.metrics.events.labels(kind) for kind in _kinds(route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one POST."""
        try:
            body = await self._accept(scope, dict(scope["headers"]), receive)
        except ProblemError as problem:
            await self._refuse(send, problem)
        except ClientGoneError:
            self._metrics.rejections.labels("client-gone").inc()
        except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer
            _log.exception("request_failed", route=self._route.name)
            await self._refuse(send, ProblemError(INTERNAL, "it is logged; send again later"))
        else:
            self._accepted.inc()
            await respond(send, 202, _JSON, body)

    async def _accept(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        now = time.time_ns() // 1_000_000
        identify, permission = self._gateway.authenticator.identify, self._route.permission
        identity = identify(self._gateway.intake().keys, scope, headers, permission, now)
        key = parse_idempotency_key(headers.get(b"idempotency-key"))
        lines = announces_lines(headers)
        body = await self._bodies.read(receive, headers)
        # A body may take its time: by now the key may be revoked, or the keys not followed any more.
        keys, coalescer = self._gateway.intake()
        if not keys.holds(identity):
            identity = identify(keys, scope, headers, permission, now)
        payloads = self._decoder.decode(body, lines=lines)
        report = build_report(self._route, payloads, Sender(identity, now, key), self._max_events)
        await coalescer.submit(identity.partition, report.parts)
        self._metrics.received_bytes.inc(len(body))
        for part in report.parts:
            self._rows[part.kind].inc(part.segment.lines)
        return receipt(report)

    async def _refuse(self, send: Send, problem: ProblemError) -> None:
        self._metrics.rejections.labels(problem.kind.tag).inc()
        self._metrics.requests.labels(self._route.name, str(problem.kind.status)).inc()
        _log.log(
            _LEVELS[problem.kind.log_level.upper()],
            "request_refused",
            tag=problem.kind.tag,
            route=self._route.name,
        )
        await hold_back(problem)
        await respond_problem(send, problem)


def _kinds(route: ReportRoute) -> list[Kind]:
    return [route.kind] if route.nested is None else [route.kind, route.nested.kind]
