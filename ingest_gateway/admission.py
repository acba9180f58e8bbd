"""What every route that agents send to does, in this order, around its own decoding: let in, read, store."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence

import msgspec

from ingest_gateway.asgi import Receive, Scope
from ingest_gateway.auth import Identity
from ingest_gateway.authentication import hold_back, once_known
from ingest_gateway.body import BodyReader
from ingest_gateway.gateway import Gateway, Intake
from ingest_gateway.pacing import Pace
from ingest_gateway.rate_limit import Account, RateLimiter
from ingest_gateway.report import Part, Sender
from ingest_gateway.reused_keys import ReusedKeys
from ingest_gateway.single_headers import single_headers
from ingest_gateway.traceparent import parse_traceparent
from runtime.logging import get_logger
from runtime.problems import ProblemError
from schemas.permissions import Permission

_log = get_logger(__name__)
_LEVELS = logging.getLevelNamesMapping()


class Visitor(msgspec.Struct, gc=False):
    """A request that may go on: who sends it, its headers by name, and when it came, in milliseconds.

    `traceparent` is empty where the client names no trace; `intake` is what was in force when the request
    began, then when its body was there.
    """

    identity: Identity
    headers: Mapping[bytes, bytes]
    received_at: int
    traceparent: str
    scope: Scope
    permission: Permission
    account: Account
    intake: Intake


class Admission:
    """Shared by all routes, so that its limits hold for all of them together."""

    def __init__(self, gateway: Gateway) -> None:
        """Nobody has come yet."""
        self._gateway = gateway
        self._identify = gateway.authenticator.identify
        self._metrics = gateway.metrics
        self._bodies = BodyReader(gateway.limits)
        self._pace = Pace(gateway.limits.max_reading_bytes)
        self._rates = RateLimiter(gateway.limits)
        self._reused = ReusedKeys(gateway.limits.remembered_keys)
        self._metrics.reading_bytes.set_function(
            lambda: self._bodies.reading_bytes + self._pace.waiting_bytes
        )

    async def enter(self, scope: Scope, permission: Permission) -> Visitor:
        """Let a request in by its head alone; nothing of its body is read before.

        Raises:
            ProblemError: the gateway is not ready, the key is not good for this, or has sent too much.
        """
        return await once_known(lambda: self._enter(scope, permission))

    def _enter(self, scope: Scope, permission: Permission) -> Visitor:
        now = time.time_ns() // 1_000_000
        headers = single_headers(scope["headers"])
        intake = self._gateway.intake()
        identity = self._identify(intake.keys, scope, headers, permission, now)
        account = self._rates.enter(identity.key.key_id)
        traceparent = parse_traceparent(headers.get(b"traceparent"))
        return Visitor(identity, headers, now, traceparent, scope, permission, account, intake)

    async def read(self, visitor: Visitor, receive: Receive) -> bytes:
        """The body, unpacked.

        Raises:
            ProblemError: a limit is passed, or the key is good for nothing any more.
            ClientGoneError: there is nobody to answer.
        """
        content, wire_bytes = await self._bodies.read(receive, visitor.headers)
        self._metrics.count_body(wire_bytes, len(content))
        self._rates.charge_bytes(visitor.account, len(content))
        if not self._pace.take(len(content)):
            await self._pace.turn(len(content))
        # A body may take its time: by now the key may be revoked, or the keys not followed any more.
        intake = visitor.intake = self._gateway.intake()
        if not intake.keys.holds(visitor.identity):
            self._identify(
                intake.keys, visitor.scope, visitor.headers, visitor.permission, visitor.received_at
            )
        return content

    def sender(self, visitor: Visitor, key: bytes | None) -> Sender:
        """What makes the rows of a request ready to be written; `key` is its Idempotency-Key.

        Asked once the body is there, so that a policy that was changed meanwhile counts.
        """
        identity = visitor.identity
        privacy = visitor.intake.privacy.of(identity.key.tenant_id, identity.agent_key)
        prices = visitor.intake.prices.of(identity.key.tenant_id)
        return Sender(identity, privacy, visitor.received_at, key, visitor.traceparent, prices)

    def store(
        self,
        visitor: Visitor,
        parts: Sequence[Part],
        *,
        keyed_body: bytes | None = None,
        age: float | None = None,
    ) -> asyncio.Future[None]:
        """Hand the rows over; the future is done when Kafka has them, as `Coalescer.submit` says.

        `keyed_body` is the unpacked body where the batches' ids come from the client's Idempotency-Key; `age`
        is how many seconds ago the first event happened, if it says so. To be called without a wait after
        `read`.

        Raises:
            ProblemError: the rate is passed, the key had another body, there is no room, or Kafka is away.
        """
        self._rates.charge_events(visitor.account, sum([part.segment.lines for part in parts]))
        if age is not None:
            self._metrics.observe_age(age)
        coalescer, partition = visitor.intake.coalescer, visitor.identity.partition
        if keyed_body is None:
            return coalescer.submit(partition, parts)
        batch_id = parts[0].segment.batch_id
        checksum = self._reused.check(batch_id, keyed_body)
        stored = coalescer.submit(partition, parts)
        # Not before: a request of which nothing is stored leaves its key free.
        self._reused.remember(batch_id, checksum)
        return stored

    async def refuse(self, route: str, problem: ProblemError) -> None:
        """Count and log an error that the route answers with when this returns."""
        self._metrics.count_refusal(route, problem.kind)
        level = _LEVELS[problem.kind.log_level.upper()]
        _log.log(level, "request_refused", tag=problem.kind.tag, route=route)
        await hold_back(problem)
