"""The query API as the demo uses it."""

import httpx
import pytest

from infra.demo.query_client import AlertFound, QueryClient, ViolationFound
from infra.errors import StackError
from schemas.derived import AlertState, TrustStatus
from tests.infra.demo.fake_stack import FakeQueryApi

ALERT = {
    "fingerprint": "f",
    "agent_id": "a",
    "rule": "agent_offline",
    "state": "resolved",
    "severity": "high",
    "summary": "gone",
    "more": "fields",
}


async def test_it_creates_agents_as_the_operator() -> None:
    api = FakeQueryApi()
    async with api.client() as http:
        created = await QueryClient(http).create_agent("agent-7")
    assert (created.agent_id, created.governance_id) == ("agent-7", "gov-agent-7")
    assert api.requests[0].headers["Authorization"] == "Bearer token"


async def test_an_answer_of_no_is_one_sentence() -> None:
    async with FakeQueryApi(taken=["agent-7"]).client() as http:
        with pytest.raises(StackError, match=r"409 to POST /api/v1/agents: .*agent-7 exists"):
            await QueryClient(http).create_agent("agent-7")


async def test_it_reads_status_trust_and_alerts() -> None:
    point = {
        "time": "2026-01-31T12:00:00.000Z",
        "score": 34.5,
        "level": "restricted",
        "status": "provisional",
    }
    api = FakeQueryApi(
        {
            "/api/v1/agents/a/status": {"agent_id": "a", "status": "online", "trust": point},
            "/api/v1/agents/a/trust": {"current": point, "history": [point], "next_cursor": None},
            "/api/v1/alerts": {"alerts": [ALERT], "next_cursor": None},
        }
    )
    async with api.client() as http:
        query = QueryClient(http)
        status = await query.status("a")
        assert status.status == "online"
        trust = await query.trust("a")
        assert trust.current is not None
        assert (trust.current.score, trust.current.status) == (34.5, TrustStatus.PROVISIONAL)
        assert trust.history == [trust.current] == [status.trust]
        expected = AlertFound("a", "agent_offline", AlertState.RESOLVED, "high", "gone")
        assert await query.alerts("a") == [expected]
        assert await query.alerts() == [expected]
    assert [dict(request.url.params) for request in api.requests[2:]] == [
        {"limit": "1000", "agent": "a"},
        {"limit": "1000"},
    ]


async def test_it_reads_all_pages_of_violations() -> None:
    def page(request: httpx.Request) -> object:
        cursor = request.url.params.get("cursor", "0")
        following = {"0": "1", "1": "2", "2": None}[cursor]
        return {"violations": [{"rule": cursor, "severity": "low"}], "next_cursor": following}

    async with FakeQueryApi({"/api/v1/violations": page}).client() as http:
        found = await QueryClient(http).violations("a")
    assert found == [ViolationFound(str(number), "low") for number in range(3)]


async def test_a_form_that_is_not_known_is_one_sentence() -> None:
    async with FakeQueryApi({"/api/v1/agents/a/status": {"state": "?"}}).client() as http:
        with pytest.raises(StackError, match="in a form that the demo does not know"):
            await QueryClient(http).status("a")


async def test_silence_is_one_sentence() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with httpx.AsyncClient(base_url="http://query", transport=httpx.MockTransport(refuse)) as http:
        with pytest.raises(StackError, match=r"does not answer \(refused\)"):
            await QueryClient(http).alerts()
