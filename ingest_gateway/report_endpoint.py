"""A reporting route: authenticate, read, validate, hand over, answer when Kafka has it."""

from typing import Any

from ingest_gateway.admission import Admission
from ingest_gateway.asgi import Receive, Scope, Send, respond, respond_problem
from ingest_gateway.body import ClientGoneError
from ingest_gateway.content_type import announces_lines
from ingest_gateway.decode import PayloadDecoder
from ingest_gateway.errors import INTERNAL
from ingest_gateway.gateway import Gateway
from ingest_gateway.idempotency import parse_idempotency_key
from ingest_gateway.metrics import age_of
from ingest_gateway.report import Report, Sender, build_report, receipt
from ingest_gateway.row_limits import RowLimits
from runtime.logging import get_logger
from runtime.problems import ProblemError
from schemas.messages.registry import ReportRoute

_log = get_logger(__name__)
_JSON = [(b"content-type", b"application/json")]


class ReportEndpoint:
    """One route as a raw ASGI application."""

    def __init__(self, route: ReportRoute, gateway: Gateway, admission: Admission) -> None:
        """`admission` is shared by all routes."""
        self._route = route
        self._admission = admission
        self._row_limits = RowLimits(gateway.limits)
        self._decoder: PayloadDecoder[Any] = PayloadDecoder(route.payload, gateway.limits)
        self._metrics = gateway.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one POST."""
        try:
            body = await self._accept(scope, receive)
        except ProblemError as problem:
            await self._refuse(send, problem)
        except ClientGoneError:
            self._metrics.abandoned += 1
        except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer
            _log.exception("request_failed", route=self._route.name)
            await self._refuse(send, ProblemError(INTERNAL, "it is logged; send again later"))
        else:
            self._metrics.count_request(self._route.name, 202)
            await respond(send, 202, _JSON, body)

    async def _accept(self, scope: Scope, receive: Receive) -> bytes:
        admission = self._admission
        visitor = await admission.enter(scope, self._route.permission)
        key = parse_idempotency_key(visitor.headers.get(b"idempotency-key"))
        lines = announces_lines(visitor.headers)
        content = await admission.read(visitor, receive)
        report, age = self._report(content, admission.sender(visitor, key), lines=lines)
        self._metrics.dropped += report.dropped
        if report.parts:
            keyed_body = None if key is None else content
            await admission.store(visitor, report.parts, keyed_body=keyed_body, age=age)
        return receipt(report)

    def _report(self, content: bytes, sender: Sender, *, lines: bool) -> tuple[Report, float | None]:
        """The rows, and how old the first event is.

        The events end here, before the wait for Kafka: kept until then, those of all the requests under way
        would drive one another out of the processor's caches, which cost a quarter of a large request.
        """
        payloads = self._decoder.decode(content, lines=lines)
        report = build_report(self._route, payloads, sender, self._row_limits)
        return report, age_of(payloads[0].timestamp, sender.received_at)

    async def _refuse(self, send: Send, problem: ProblemError) -> None:
        await self._admission.refuse(self._route.name, problem)
        await respond_problem(send, problem)
