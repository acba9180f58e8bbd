"""A fleet under test: it sends keyed batches, repeats what was not answered, remembers what was accepted."""

import asyncio
import itertools
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx
import orjson

from tests.cleartext import NO_CERTIFICATES
from tests.integration.stream_process import until


@dataclass
class Accepted:
    """A request that was answered with 202."""

    agent_id: str
    batch_id: str
    events: int


class Answer(NamedTuple):
    """One answer to one try: when it came (monotonic), after how many seconds, and what it said."""

    at: float
    seconds: float
    status: int
    tag: str


@dataclass
class Fleet:
    """Agents that send log batches at the gateway until told to stop.

    `accepted` is the ground truth of a test; `unanswered` requests were given up after `give_up_seconds` of
    repeats, which no test should see; `pace_seconds` is how long an agent rests after each that was accepted:
    without rest a fleet takes all that the machine has; `hangs` counts requests without any answer for
    `try_seconds`, after which they are repeated.
    """

    gateway: str
    keys: dict[str, str]
    events: int = 10
    pause_seconds: float = 0.2
    pace_seconds: float = 0.0
    try_seconds: float = 15.0
    give_up_seconds: float = 90.0
    answers: list[Answer] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    hangs: int = 0
    unanswered: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send until `stop` is called; every agent finishes the request that it is at."""
        async with httpx.AsyncClient(
            base_url=self.gateway, timeout=self.try_seconds, verify=NO_CERTIFICATES
        ) as client:
            await asyncio.gather(*(self._agent(client, agent_id) for agent_id in self.keys))

    def stop(self) -> None:
        """Let each agent finish its request, and end."""
        self._stopping.set()

    @property
    def statuses(self) -> Counter[int]:
        """How often each status was answered."""
        return Counter(answer.status for answer in self.answers)

    @property
    def accepted_events(self) -> int:
        """Events that the gateway answered for."""
        return sum(request.events for request in self.accepted)

    async def _agent(self, client: httpx.AsyncClient, agent_id: str) -> None:
        for number in itertools.count():
            if self._stopping.is_set():
                return
            await self._send(client, agent_id, self._body(agent_id, number))
            await asyncio.sleep(self.pace_seconds)

    def _body(self, agent_id: str, number: int) -> bytes:
        level = "error" if number % 7 == 0 else "info"
        entry = {"agentId": agent_id, "level": level}
        return orjson.dumps([entry | {"message": f"{number}/{line}"} for line in range(self.events)])

    async def _send(self, client: httpx.AsyncClient, agent_id: str, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {self.keys[agent_id]}", "Idempotency-Key": uuid.uuid4().hex}
        headers["Content-Type"] = "application/json"
        deadline = time.monotonic() + self.give_up_seconds
        while (started := time.monotonic()) < deadline:
            try:
                answer = await client.post("/api/v1/agents/logs", content=body, headers=headers)
            except httpx.TimeoutException:
                self.hangs += 1
            except httpx.TransportError:
                pass  # refused or cut off: the gateway is down, and the request is repeated
            else:
                content, now = answer.json(), time.monotonic()
                self.answers.append(Answer(now, now - started, answer.status_code, content.get("tag", "")))
                if answer.status_code == 202:
                    self.accepted.append(Accepted(agent_id, content["batch_id"], self.events))
                    return
                assert answer.status_code == 503, answer.text
                assert "retry-after" in answer.headers
            await asyncio.sleep(self.pause_seconds)
        self.unanswered += 1


@asynccontextmanager
async def reporting(fleet: Fleet, *, before: int, after: int) -> AsyncIterator[None]:
    """Run a fleet: so many of its events are accepted before the body, and so many after it."""
    running = asyncio.create_task(fleet.run())

    async def accepted(events: int) -> None:
        wanted = fleet.accepted_events + events

        async def reached() -> bool:
            assert not running.done(), running.exception()
            return fleet.accepted_events >= wanted

        await until(f"{events} more events accepted", reached, 120)

    await accepted(before)
    yield
    await accepted(after)
    fleet.stop()
    await running
    assert fleet.unanswered == 0
