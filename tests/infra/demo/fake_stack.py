"""A gateway and a query API as far as the demo needs them, without sockets; both check what they are sent."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import msgspec
import orjson

from infra.demo.reporting import Credentials
from schemas.messages.registry import REPORT_ROUTES, ReportRoute

CREDENTIALS = Credentials("agent-7", "gov-7", "promethios_agent-7_0123456789abcdef")

_ROUTES: Mapping[str, ReportRoute] = {route.path: route for route in REPORT_ROUTES}

# What a gateway does with one request instead of accepting it: an answer, or what goes wrong on the way.
Mishap = httpx.Response | Exception


class FakeGateway:
    """Takes what the real one takes, once for each key; `mishaps` happen to the first requests, in order.

    A mishap in `after_storing` happens after the events were stored: the answer is lost, or says 503.
    """

    def __init__(self, mishaps: Iterable[Mishap | None] = (), *, after_storing: bool = False) -> None:
        self.stored: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self.requests: list[httpx.Request] = []
        self._mishaps = deque(mishaps)
        self._after_storing = after_storing

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url="http://gateway", transport=httpx.MockTransport(self._answer))

    def events(self, route: str) -> list[dict[str, Any]]:
        """What is stored of a route, in order."""
        return [event for batch in self.stored.get(route, {}).values() for event in batch]

    def count(self) -> int:
        return sum(len(self.events(route.name)) for route in REPORT_ROUTES)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        mishap = self._mishaps.popleft() if self._mishaps else None
        if mishap is not None and not self._after_storing:
            return _happen(mishap)
        answer = self._store(request)
        return answer if mishap is None else _happen(mishap)

    def _store(self, request: httpx.Request) -> httpx.Response:
        agent_id = request.headers["X-Agent-ID"]
        if not request.headers["Authorization"].startswith(f"Bearer promethios_{agent_id}_"):
            return httpx.Response(401)
        route = _ROUTES[request.url.path]
        events = orjson.loads(request.content)
        for payload in msgspec.json.decode(request.content, type=list[route.payload]):  # type: ignore[name-defined] # a type that is known at run time only
            assert payload.agent_id == agent_id
            route.to_row(payload)
        self.stored.setdefault(route.name, {}).setdefault(request.headers["Idempotency-Key"], events)
        return httpx.Response(202, json={"accepted": len(events)})


def _happen(mishap: Mishap) -> httpx.Response:
    if isinstance(mishap, Exception):
        raise mishap
    return mishap


class FakeQueryApi:
    """Answers by path from `answers`, and creates any agent that is not in `taken`."""

    def __init__(self, answers: Mapping[str, object] | None = None, taken: Iterable[str] = ()) -> None:
        self.answers = dict(answers or {})
        self.requests: list[httpx.Request] = []
        self._taken = set(taken)

    def client(self) -> httpx.AsyncClient:
        headers = {"Authorization": "Bearer token"}
        transport = httpx.MockTransport(self._answer)
        return httpx.AsyncClient(base_url="http://query", transport=transport, headers=headers)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "POST" and request.url.path == "/api/v1/agents":
            return self._create(orjson.loads(request.content)["agent_id"])
        if request.url.path not in self.answers:
            return httpx.Response(404, json={"title": "There is no such thing"})
        answer = self.answers[request.url.path]
        return httpx.Response(200, json=answer(request) if callable(answer) else answer)

    def _create(self, agent_id: str) -> httpx.Response:
        if agent_id in self._taken:
            return httpx.Response(409, json={"detail": f"The agent {agent_id} exists"})
        self._taken.add(agent_id)
        return httpx.Response(
            201,
            json={
                "agent_id": agent_id,
                "tenant_id": "default",
                "governance_id": f"gov-{agent_id}",
                "api_key": f"promethios_{agent_id}_0123456789abcdef",
            },
        )
