"""A fleet under test: it sends keyed batches, repeats what was not answered, remembers what was accepted."""

import asyncio
import itertools
import time
import uuid
from dataclasses import dataclass, field

import httpx
import orjson

_TRY_SECONDS = 5.0
_GIVE_UP_SECONDS = 90.0
_PAUSE_SECONDS = 0.2


@dataclass
class Accepted:
    """A request that was answered with 202."""

    agent_id: str
    batch_id: str
    events: int


@dataclass
class Fleet:
    """Agents that send log batches at the gateway until told to stop.

    `accepted` is the ground truth of a test; `unanswered` requests were given up after 90 seconds of repeats,
    which no test should see; `hangs` counts requests without any answer for five seconds.
    """

    gateway: str
    keys: dict[str, str]
    events: int = 10
    accepted: list[Accepted] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    hangs: int = 0
    unanswered: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Send until `stop` is called; every agent finishes the request that it is at."""
        async with httpx.AsyncClient(base_url=self.gateway, timeout=_TRY_SECONDS) as client:
            await asyncio.gather(*(self._agent(client, agent_id) for agent_id in self.keys))

    def stop(self) -> None:
        """Let each agent finish its request, and end."""
        self._stopping.set()

    @property
    def accepted_events(self) -> int:
        """Events that the gateway answered for."""
        return sum(request.events for request in self.accepted)

    async def _agent(self, client: httpx.AsyncClient, agent_id: str) -> None:
        for number in itertools.count():
            if self._stopping.is_set():
                return
            await self._send(client, agent_id, self._body(agent_id, number))

    def _body(self, agent_id: str, number: int) -> bytes:
        level = "error" if number % 7 == 0 else "info"
        entry = {"agentId": agent_id, "level": level}
        return orjson.dumps([entry | {"message": f"{number}/{line}"} for line in range(self.events)])

    async def _send(self, client: httpx.AsyncClient, agent_id: str, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {self.keys[agent_id]}", "Idempotency-Key": uuid.uuid4().hex}
        headers["Content-Type"] = "application/json"
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = await client.post("/api/v1/agents/logs", content=body, headers=headers)
            except httpx.TimeoutException:
                self.hangs += 1
            except httpx.TransportError:
                pass  # refused or cut off: the gateway is down, and the request is repeated
            else:
                self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
                if answer.status_code == 202:
                    self.accepted.append(Accepted(agent_id, answer.json()["batch_id"], self.events))
                    return
                assert answer.status_code == 503, answer.text
                assert "retry-after" in answer.headers
            await asyncio.sleep(_PAUSE_SECONDS)
        self.unanswered += 1
