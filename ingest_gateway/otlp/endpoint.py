"""A route of OTLP/HTTP: the same way as a report's, with the protocol's own answers.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from ingest_gateway.admission import Admission
from ingest_gateway.asgi import Receive, Scope, Send, respond
from ingest_gateway.body import ClientGoneError
from ingest_gateway.errors import BAD_FIELDS, EVENT_TOO_LARGE, INTERNAL
from ingest_gateway.gateway import Gateway
from ingest_gateway.idempotency import parse_idempotency_key
from ingest_gateway.metrics import age_of
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.codecs import Codecs
from ingest_gateway.otlp.conversion import Conversion
from ingest_gateway.otlp.partial_success import PartialSuccess
from ingest_gateway.otlp.routes import OtlpRoute
from ingest_gateway.report import Part, Sender, stamped_parts
from ingest_gateway.row_limits import RowLimits
from runtime.logging import get_logger
from runtime.problems import ProblemError
from schemas.block import Kind
from schemas.permissions import Permission

_log = get_logger(__name__)

_ROW_TOO_LARGE = {EVENT_TOO_LARGE, BAD_FIELDS}
_COSTS_NOT_STORED = f"token costs were not stored: the key lacks the permission {Permission.COSTS_WRITE}"


class _Converted(NamedTuple):
    """What a request stores and drops, what its sender is to be told, and when its first record happened."""

    parts: list[Part]
    dropped: int
    partial_success: PartialSuccess | None
    first_moment: datetime | None


class OtlpEndpoint:
    """One route as a raw ASGI application."""

    def __init__(self, route: OtlpRoute, gateway: Gateway, admission: Admission, codecs: Codecs) -> None:
        """`admission` and `codecs` are shared by all routes."""
        self._route = route
        self._admission = admission
        self._codecs = codecs
        self._limits = gateway.limits
        self._row_limits = RowLimits(gateway.limits)
        self._metrics = gateway.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one POST."""
        try:
            codec, body = await self._accept(scope, receive)
        except ProblemError as problem:
            await self._refuse(scope, send, problem)
        except ClientGoneError:
            self._metrics.abandoned += 1
        except Exception:  # noqa: BLE001 - whatever it is, the client gets an answer
            _log.exception("request_failed", route=self._route.name)
            await self._refuse(scope, send, ProblemError(INTERNAL, "it is logged; send again later"))
        else:
            self._metrics.count_request(self._route.name, 200)
            await respond(send, 200, [(b"content-type", codec.media_type)], body)

    async def _accept(self, scope: Scope, receive: Receive) -> tuple[Codec, bytes]:
        visitor = await self._admission.enter(scope, self._route.permission)
        codec = self._codecs.of(visitor.headers.get(b"content-type", b""))
        key = parse_idempotency_key(visitor.headers.get(b"idempotency-key"))
        content = await self._admission.read(visitor, receive)
        sender = self._admission.sender(visitor, key or _key_of(content))
        request = codec.decode(self._route.signal, content)
        converted = self._convert(request, codec, sender)
        if converted.parts:
            keyed_body = content if key else None
            age = age_of(converted.first_moment, visitor.received_at)
            await self._admission.store(visitor, converted.parts, keyed_body=keyed_body, age=age)
        self._metrics.dropped += converted.dropped
        if converted.partial_success is not None:
            self._metrics.refused_records[self._route.name] += converted.partial_success.rejected
        return codec, codec.answer(self._route.signal, converted.partial_success)

    def _convert(self, request: Any, codec: Codec, sender: Sender) -> _Converted:  # noqa: ANN401 - any signal's
        try:
            return self._try_to_convert(request, codec, sender, checks_rows=False)
        except ProblemError as problem:
            if problem.kind not in _ROW_TOO_LARGE:
                raise
        return self._try_to_convert(request, codec, sender, checks_rows=True)

    def _try_to_convert(
        self,
        request: Any,  # noqa: ANN401 - any signal's
        codec: Codec,
        sender: Sender,
        *,
        checks_rows: bool,
    ) -> _Converted:
        route = self._route
        conversion = Conversion(codec, self._limits, route.noun, checks_rows=checks_rows)
        rows = route.map(request, conversion)
        if rows.get(Kind.COST) and Permission.COSTS_WRITE not in sender.identity.permissions:
            del rows[Kind.COST]
            conversion.refusals.warn(_COSTS_NOT_STORED)
        self._row_limits.check_count(sum(map(len, rows.values())))
        parts, dropped = stamped_parts(route.name, rows, sender, self._row_limits)
        first: Any = next((of_kind[0] for of_kind in rows.values() if of_kind), None)
        return _Converted(parts, dropped, conversion.refusals.partial_success(), first and first.timestamp)

    async def _refuse(self, scope: Scope, send: Send, problem: ProblemError) -> None:
        await self._admission.refuse(self._route.name, problem)
        codec = self._codecs.for_error(scope["headers"])
        headers = problem.headers() | {"content-type": codec.media_type.decode()}
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await respond(send, problem.kind.status, encoded, codec.status(problem))


def _key_of(content: bytes) -> bytes:
    """What stands for an Idempotency-Key, which OTLP has not: a request that is repeated has the same bytes.

    No key that a client sends is equal to it, for those hold no newline.
    """
    return b"body\n" + hashlib.sha256(content).digest()
