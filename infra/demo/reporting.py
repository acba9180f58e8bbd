"""A small reporting client: a bounded queue, batches, and retries under one Idempotency-Key."""

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import orjson

from infra.demo.delivery import Delivery, Verdict, seconds_until_retry, verdict
from infra.demo.payloads import Payload
from schemas.messages.registry import REPORT_ROUTES

BATCH = 100
_MAX_QUEUED = 2000
_FLUSH_SECONDS = 0.5
_GIVE_UP_SECONDS = 60.0
_MAX_PROBLEMS = 3
_MAX_PROBLEM_TEXT = 300

Backoff = Callable[[int, str | None], float]

_PATHS = {route.name: route.path for route in REPORT_ROUTES}


@dataclass(frozen=True, slots=True)
class Credentials:
    """An agent's identity and its key."""

    agent_id: str
    governance_id: str
    api_key: str

    def headers(self) -> dict[str, str]:
        """What each request of the agent carries."""
        return {
            "Authorization": f"Bearer {self.api_key}",
            "X-Agent-ID": self.agent_id,
            "X-Governance-ID": self.governance_id,
        }


class ReportingClient:
    """Queues what one agent reports and sends it, one request at a time.

    One at a time, because a repeated request is recognised only among an agent's latest batches.
    """

    def __init__(
        self,
        gateway: httpx.AsyncClient,
        credentials: Credentials,
        *,
        give_up_seconds: float = _GIVE_UP_SECONDS,
        backoff: Backoff = seconds_until_retry,
    ) -> None:
        """Send through `gateway`, whose base URL is the gateway's; it stays the caller's."""
        self.agent_id = credentials.agent_id
        self.delivery = Delivery()
        self._gateway = gateway
        self._headers = credentials.headers()
        self._give_up_seconds = give_up_seconds
        self._backoff = backoff
        self._queues: dict[str, deque[Payload]] = {name: deque() for name in _PATHS}
        self._sending = asyncio.Lock()

    def report(self, route: str, payload: Payload) -> None:
        """Queue an event for a route of the registry; counted as dropped when the queue is full."""
        counts = self.delivery.of(route)
        counts.reported += 1
        if sum(map(len, self._queues.values())) >= _MAX_QUEUED:
            counts.dropped += 1
        else:
            self._queues[route].append(payload)

    async def keep_sending(self, over: asyncio.Event) -> None:
        """Send what is reported until `over` is set and all of it is sent."""
        while not over.is_set():
            await self.flush()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), _FLUSH_SECONDS)
        await self.flush()

    async def flush(self) -> None:
        """Send all that is queued; returns when the fate of each event is known or was given up on."""
        async with self._sending:
            for route, queue in self._queues.items():
                while queue:
                    batch = [queue.popleft() for _ in range(min(BATCH, len(queue)))]
                    await self._send(route, batch)

    async def _send(self, route: str, batch: list[Payload]) -> None:
        counts = self.delivery.of(route)
        outcome = await self._until_answered(_PATHS[route], orjson.dumps(batch))
        if outcome is Verdict.ACCEPTED:
            counts.accepted += len(batch)
        elif outcome is Verdict.REFUSED:
            counts.refused += len(batch)

    async def _until_answered(self, path: str, body: bytes) -> Verdict:
        """Try until there is a final answer; RETRY when time ran out and the outcome is unknown."""
        headers = {
            **self._headers,
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        deadline = time.monotonic() + self._give_up_seconds
        attempt = 0
        while True:
            answer = await self._try(path, body, headers)
            known = self.delivery.total().accepted > 0
            outcome = Verdict.RETRY if answer is None else verdict(answer.status_code, ever_accepted=known)
            wait = self._backoff(attempt, None if answer is None else answer.headers.get("Retry-After"))
            if outcome is Verdict.REFUSED and answer is not None:
                self._note(f"{path}: {answer.status_code} {answer.text}")
            if outcome is not Verdict.RETRY or time.monotonic() + wait >= deadline:
                return outcome
            await asyncio.sleep(wait)
            attempt += 1
            self.delivery.repeats += 1

    async def _try(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response | None:
        self.delivery.requests += 1
        try:
            return await self._gateway.post(path, content=body, headers=headers)
        except httpx.TransportError as error:
            self._note(f"{path}: {str(error) or type(error).__name__}")
            return None

    def _note(self, problem: str) -> None:
        if len(self.delivery.problems) < _MAX_PROBLEMS:
            self.delivery.problems.append(problem[:_MAX_PROBLEM_TEXT])
