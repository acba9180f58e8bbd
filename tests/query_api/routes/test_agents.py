"""Agents are created once, listed in pages and shown with status and trust."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.problems import MEDIA_TYPE
from schemas.derived import AgentStatus, OnlineStatus, TrustLevel, TrustScore, TrustStatus
from schemas.identity import AgentRef, parse_api_key
from schemas.timestamps import to_rfc3339
from schemas.topics import Topic
from tests.query_api.api_process import TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

NOW = 1_800_000_000_000


def trust(ref: AgentRef, score: float) -> TrustScore:
    return TrustScore(
        ref.tenant_id,
        ref.agent_id,
        score,
        TrustLevel.GOOD,
        TrustStatus.ACTIVE,
        0.5,
        score - 1,
        score + 1,
        to_rfc3339(NOW),
        [],
        [],
    )


def test_a_new_agent_has_an_id_a_tenant_a_governance_id_and_a_key(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        answer = client.post("/api/v1/agents", json={"agent_id": "new-one"})
    assert answer.status_code == 201
    created = answer.json()
    assert set(created) == {"agent_id", "tenant_id", "governance_id", "api_key"}
    assert (created["agent_id"], created["tenant_id"]) == ("new-one", "default")
    parsed = parse_api_key(created["api_key"])
    assert parsed is not None
    assert parsed.agent_id == "new-one"
    assert answer.headers["location"] == "/api/v1/agents/new-one"
    assert Topic.API_KEYS.value in answer.headers["x-promethios-control-offsets"]


def test_an_agent_is_created_once(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        assert client.post("/api/v1/agents", json={"agent_id": "twice"}).status_code == 201
        again = client.post("/api/v1/agents", json={"agent_id": "twice"})
    assert again.status_code == 409
    assert "POST /api/v1/agents/twice/keys" in again.json()["detail"]


def test_of_many_who_create_it_at_once_one_succeeds(query_api: QueryApiProcess) -> None:
    def create(_: int) -> int:
        with query_api.client() as client:
            return client.post("/api/v1/agents", json={"agent_id": "contested"}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, range(8)))
    assert statuses == [201] + [409] * 7


def test_one_id_in_two_tenants_is_two_agents(query_api: QueryApiProcess) -> None:
    with query_api.client() as everywhere, query_api.client(TENANT_ADMIN) as own:
        first = everywhere.post("/api/v1/agents", json={"agent_id": "shared"}).json()
        second = own.post("/api/v1/agents", json={"agent_id": "shared"}).json()
        assert (first["tenant_id"], second["tenant_id"]) == ("default", TENANT)
        assert first["governance_id"] != second["governance_id"]
        asked = everywhere.get("/api/v1/agents/shared", params={"tenant": TENANT}).json()
        assert asked["governance_id"] == second["governance_id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "agent_id"),
        ({"agent_id": "-bad"}, "agent_id"),
        ({"agent_id": "a/b"}, "agent_id"),
        ({"agent_id": "x" * 129}, "agent_id"),
        ({"agent_id": 5}, "agent_id"),
        ({"agent_id": "fine", "tenant_id": "acme"}, "tenant_id"),
    ],
)
def test_a_bad_field_is_named(query_api: QueryApiProcess, body: dict[str, object], field: str) -> None:
    with query_api.client() as client:
        answer = client.post("/api/v1/agents", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_who_may_do_what(query_api: QueryApiProcess) -> None:
    with query_api.client("wrong") as stranger:
        assert stranger.get("/api/v1/agents").status_code == 401
        assert stranger.post("/api/v1/agents", json={"agent_id": "x"}).status_code == 401
    with query_api.client(VIEWER) as viewer:
        assert viewer.get("/api/v1/agents").status_code == 200
        assert viewer.post("/api/v1/agents", json={"agent_id": "x"}).status_code == 403
    with query_api.client(TENANT_ADMIN) as admin:
        other = admin.post("/api/v1/agents", json={"agent_id": "x"}, params={"tenant": "default"})
        assert other.status_code == 403
        assert admin.get("/api/v1/agents", params={"tenant": "default"}).status_code == 403


def test_pages_of_the_list_hold_every_agent_once(query_api: QueryApiProcess) -> None:
    names = [f"page-{number}" for number in range(7)]
    with query_api.client() as client:
        for name in names:
            client.post("/api/v1/agents", json={"agent_id": name}, params={"tenant": "paged"})
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = client.get("/api/v1/agents", params={"tenant": "paged", "limit": "3", **cursor}).json()
            found += [agent["agent_id"] for agent in page["agents"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
    assert found == names


def test_status_and_trust_stand_beside_an_agent(query_api: QueryApiProcess, rows: FleetRows) -> None:
    ref = AgentRef("default", "watched")
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        before = client.get("/api/v1/agents/watched").json()
        assert (before["status"], before["trust_score"], before["trust_level"]) == ("unknown", None, None)
        rows.derived(trust(ref, 90.0), NOW - 1000)
        rows.derived(trust(ref, 70.5), NOW)
        rows.derived(trust(AgentRef("other", "watched"), 1.0), NOW + 1000)
        seen = to_rfc3339(NOW)
        rows.derived(AgentStatus(*ref, OnlineStatus.ONLINE, "heartbeat", seen), NOW)
        rows.derived(AgentStatus(*ref, OnlineStatus.OFFLINE, "missed-heartbeats", seen), NOW + 60_000)
        after = client.get("/api/v1/agents/watched").json()
    assert (after["status"], after["trust_score"], after["trust_level"]) == ("offline", 70.5, "good")


def test_an_unknown_agent_is_not_found(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        assert client.get("/api/v1/agents/nobody").status_code == 404
        assert client.get("/api/v1/agents/bad id").status_code == 422


def test_a_client_that_offers_another_protocol_keeps_its_body(query_api: QueryApiProcess) -> None:
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}
    with query_api.client() as client:
        answer = client.post("/api/v1/agents", json={"agent_id": "offers-h2c"}, headers=offer)
    assert answer.status_code == 201, answer.text
