"""Agents are suspended and resumed by operators, for a reason, as often as one likes."""

import httpx
import pytest

from schemas.derived import AgentStatus, OnlineStatus
from schemas.identity import AgentRef
from schemas.operators import Role
from schemas.timestamps import to_rfc3339
from schemas.topics import Topic
from tests.query_api.api_process import ADMIN, TOKENS, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

TENANT = "suspending"
SCOUT = "/api/v1/agents/scout"


def ask(
    query_api: QueryApiProcess, method: str, path: str, body: object = None, token: str = ADMIN, **query: str
) -> httpx.Response:
    with query_api.client(token) as client:
        return client.request(method, path, json=body, params={"tenant": TENANT, **query})


def test_the_life_of_a_suspension(query_api: QueryApiProcess, rows: FleetRows) -> None:
    for name in ("scout", "other"):
        ask(query_api, "POST", "/api/v1/agents", {"agent_id": name})
    seen = 1_800_000_000_000
    rows.derived(AgentStatus(TENANT, "other", OnlineStatus.ONLINE, "seen", to_rfc3339(seen)), seen)
    assert ask(query_api, "GET", SCOUT).json()["suspension"] is None
    answer = ask(query_api, "POST", f"{SCOUT}/suspend", {"reason": " sends mail "})
    assert answer.status_code == 200, answer.text
    assert Topic.AGENTS.value in answer.headers["x-promethios-control-offsets"]
    suspended = answer.json()
    assert suspended["status"] == "suspended"
    assert (suspended["suspension"]["reason"], suspended["suspension"]["resumed_at"]) == ("sends mail", None)
    assert ask(query_api, "GET", SCOUT).json() == suspended
    again = ask(query_api, "POST", f"{SCOUT}/suspend", {"reason": "another"})
    assert (again.status_code, again.json()) == (200, suspended)
    assert "x-promethios-control-offsets" not in again.headers

    report = ask(query_api, "GET", f"{SCOUT}/status").json()
    assert (report["status"], report["reason"]) == ("suspended", "suspended")
    assert report["since"] == report["suspension"]["suspended_at"]
    by_status = ask(query_api, "GET", "/api/v1/fleet").json()["by_status"]
    assert (by_status["suspended"], by_status["unknown"]) == (1, 0 if by_status["online"] else 1)
    found = ask(query_api, "GET", "/api/v1/agents", status="suspended").json()["agents"]
    assert [agent["agent_id"] for agent in found] == ["scout"]

    resumed = ask(query_api, "POST", f"{SCOUT}/resume").json()
    assert (resumed["status"], resumed["suspension"]["resumed_by"]) == ("unknown", "tests-admin")
    assert ask(query_api, "POST", f"{SCOUT}/resume").json() == resumed
    assert ask(query_api, "GET", "/api/v1/agents", status="suspended").json()["agents"] == []


def test_operators_and_admins_may_and_others_not(query_api: QueryApiProcess) -> None:
    ask(query_api, "POST", "/api/v1/agents", {"agent_id": "rights"})
    for action, body in (("suspend", {"reason": "r"}), ("resume", None)):
        answers = {
            role: ask(query_api, "POST", f"/api/v1/agents/rights/{action}", body, token).status_code
            for role, token in TOKENS.items()
        }
        assert answers == {Role.VIEWER: 403, Role.ANALYST: 403, Role.OPERATOR: 200, Role.ADMIN: 200}


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x" * 501}, {"reason": "r", "for": 5}])
def test_nonsense_is_refused(query_api: QueryApiProcess, body: object) -> None:
    ask(query_api, "POST", "/api/v1/agents", {"agent_id": "nonsense"})
    answer = ask(query_api, "POST", "/api/v1/agents/nonsense/suspend", body)
    assert answer.status_code == 422, answer.text
    assert ask(query_api, "POST", "/api/v1/agents/nobody/suspend", {"reason": "r"}).status_code == 404
    assert ask(query_api, "POST", "/api/v1/agents/nobody/resume").status_code == 404


def test_an_agent_of_another_tenant_stays_as_it_is(query_api: QueryApiProcess) -> None:
    for tenant in (TENANT, "bystanders"):
        ask(query_api, "POST", "/api/v1/agents", {"agent_id": "twin"}, tenant=tenant)
    ask(query_api, "POST", "/api/v1/agents/twin/suspend", {"reason": "r"})
    ref = AgentRef("bystanders", "twin")
    twin = ask(query_api, "GET", f"/api/v1/agents/{ref.agent_id}", tenant=ref.tenant_id).json()
    assert twin["suspension"] is None
