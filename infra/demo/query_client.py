"""What the demo asks of the query API, with the fields that it needs of the answers."""

from collections.abc import Mapping
from typing import TypeVar

import httpx
import msgspec

from infra.demo.reporting import Credentials
from infra.errors import StackError
from schemas.derived import AlertState, TrustStatus

_PAGE = 1000
_MAX_PROBLEM_TEXT = 300


class CreatedAgent(msgspec.Struct, frozen=True):
    """A new agent and its key."""

    agent_id: str
    governance_id: str
    api_key: str


class TrustPoint(msgspec.Struct, frozen=True):
    """A published score."""

    score: float
    level: str
    status: TrustStatus


class TrustFound(msgspec.Struct, frozen=True):
    """The score as it stands, None before the first, and those before it, newest first."""

    current: TrustPoint | None
    history: list[TrustPoint]


class StatusFound(msgspec.Struct, frozen=True):
    """An agent's status, and its score if there is one."""

    status: str
    trust: TrustPoint | None


class AlertFound(msgspec.Struct, frozen=True):
    """An alert as it stands."""

    agent_id: str
    rule: str
    state: AlertState
    severity: str
    summary: str


class ViolationFound(msgspec.Struct, frozen=True):
    """A violation after normalising."""

    rule: str
    severity: str


class _AlertPage(msgspec.Struct, frozen=True):
    alerts: list[AlertFound]
    next_cursor: str | None


class _ViolationPage(msgspec.Struct, frozen=True):
    violations: list[ViolationFound]
    next_cursor: str | None


AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


class QueryClient:
    """Asks with the operator's token that `client` carries; each method raises StackError when that fails."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Use `client`, whose base URL is the query API's; it stays the caller's."""
        self._client = client

    async def create_agent(self, agent_id: str) -> Credentials:
        """Create an agent with its first key."""
        answer = await self._send("POST", "/api/v1/agents", json={"agent_id": agent_id})
        created = _decoded(answer, CreatedAgent)
        return Credentials(created.agent_id, created.governance_id, created.api_key)

    async def status(self, agent_id: str) -> StatusFound:
        """An agent's status and score as they stand."""
        return await self._get(f"/api/v1/agents/{agent_id}/status", {}, StatusFound)

    async def trust(self, agent_id: str) -> TrustFound:
        """An agent's score and its newest changes, at most one page."""
        return await self._get(f"/api/v1/agents/{agent_id}/trust", {"limit": str(_PAGE)}, TrustFound)

    async def alerts(self, agent_id: str | None = None) -> list[AlertFound]:
        """The alerts of an agent, or the newest of the whole tenant; at most one page."""
        parameters = {"limit": str(_PAGE)} | ({"agent": agent_id} if agent_id else {})
        return (await self._get("/api/v1/alerts", parameters, _AlertPage)).alerts

    async def violations(self, agent_id: str) -> list[ViolationFound]:
        """All violations of an agent, newest first."""
        found: list[ViolationFound] = []
        parameters = {"limit": str(_PAGE), "agent": agent_id}
        while True:
            page = await self._get("/api/v1/violations", parameters, _ViolationPage)
            found += page.violations
            if page.next_cursor is None:
                return found
            parameters["cursor"] = page.next_cursor

    async def _get(self, path: str, parameters: Mapping[str, str], answer: type[AnswerT]) -> AnswerT:
        return _decoded(await self._send("GET", path, params=parameters), answer)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, params=params, json=json)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise StackError(
                f"The query API does not answer ({reason}): look at `promethios logs query`."
            ) from error
        if answer.is_error:
            text = answer.text[:_MAX_PROBLEM_TEXT]
            raise StackError(f"The query API answered {answer.status_code} to {method} {path}: {text}")
        return answer


def _decoded(answer: httpx.Response, wanted: type[AnswerT]) -> AnswerT:
    try:
        return msgspec.json.decode(answer.content, type=wanted)
    except msgspec.MsgspecError as error:
        path = answer.request.url.path
        raise StackError(
            f"The query API answered {path} in a form that the demo does not know: {error}"
        ) from error
