"""Who has read what, as it is listed; and that every page of logs is written down."""

import orjson
import pytest

from runtime.settings import KafkaAddress
from schemas.accesses import Access, AccessAction, ActorKind
from tests.query_api.access_records import accesses_until
from tests.query_api.api_process import TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

START = 1_800_000_000_000
PATH = "/api/v1/accesses"


def access(agent_id: str, action: AccessAction = AccessAction.LOG_SEARCH, actor: str = "ada") -> Access:
    return Access("audited", agent_id, ActorKind.OPERATOR, actor, action, '{"text":"x"}', "192.0.2.1", 7)


@pytest.fixture
def filled(rows: FleetRows, query_api: QueryApiProcess) -> QueryApiProcess:
    """Four accesses in a tenant of their own, one of them stored twice."""
    with query_api.client() as client:
        if not client.get(PATH, params={"tenant": "audited"}).json()["accesses"]:
            for number, item in enumerate(
                [
                    access("one"),
                    access("two", AccessAction.LOG_STREAM),
                    access("", AccessAction.SQL, "bob"),
                    access("one", actor="bob"),
                ]
            ):
                for _ in range(1 + number % 2):
                    rows.derived(item, START + number, f"access-{number}")
    return query_api


def listed(query_api: QueryApiProcess, **parameters: str) -> list[str]:
    with query_api.client() as client:
        answer = client.get(PATH, params={"tenant": "audited", **parameters})
    assert answer.status_code == 200, answer.text
    return [found["access_id"] for found in answer.json()["accesses"]]


def test_newest_first_each_once_with_everything(filled: QueryApiProcess) -> None:
    assert listed(filled) == ["access-3", "access-2", "access-1", "access-0"]
    with filled.client() as client:
        newest, tenant_wide, *_ = client.get(PATH, params={"tenant": "audited"}).json()["accesses"]
    assert newest == {
        "access_id": "access-3",
        "time": "2027-01-15T08:00:00.003Z",
        "agent_id": "one",
        "actor_kind": "operator",
        "actor_id": "bob",
        "action": "logs.search",
        "address": "192.0.2.1",
        "rows": 7,
        "query": '{"text":"x"}',
    }
    assert tenant_wide["agent_id"] is None


def test_by_agent_actor_action_and_time(filled: QueryApiProcess) -> None:
    assert listed(filled, agent="one") == ["access-3", "access-2", "access-0"]
    assert listed(filled, actor="bob") == ["access-3", "access-2"]
    assert listed(filled, action="logs.stream") == ["access-1"]
    assert listed(filled, **{"from": "2027-01-15T08:00:00.001Z", "to": "2027-01-15T08:00:00.003Z"}) == [
        "access-2",
        "access-1",
    ]


def test_page_by_page(filled: QueryApiProcess) -> None:
    with filled.client() as client:
        page = client.get(PATH, params={"tenant": "audited", "limit": "3"}).json()
    assert listed(filled, cursor=page["next_cursor"]) == ["access-0"]


def test_only_analysts_and_above_may_ask(query_api: QueryApiProcess) -> None:
    with query_api.client(VIEWER) as client:
        assert client.get(PATH).status_code == 403
    with query_api.client(TENANT_ADMIN) as client:
        assert client.get(PATH).status_code == 200
        assert client.get(PATH, params={"tenant": "audited"}).status_code == 403


@pytest.mark.parametrize(
    "parameters",
    [
        {"action": "steal"},
        {"cursor": "x"},
        {"from": "2027-01-15T08:00:00Z", "to": "2027-01-15T08:00:00Z"},
        {"actors": "ada"},
    ],
)
def test_nonsense_is_named(query_api: QueryApiProcess, parameters: dict[str, str]) -> None:
    with query_api.client() as client:
        answer = client.get(PATH, params=parameters)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == list(parameters)[-1]


def test_each_page_of_logs_is_written_down(query_api: QueryApiProcess, control_kafka: KafkaAddress) -> None:
    with query_api.client(TENANT_ADMIN) as client:
        client.post("/api/v1/agents", json={"agent_id": "watched"})
        spoofed = {"X-Forwarded-For": "198.51.100.1"}
        assert client.get("/api/v1/agents/watched/logs", params={"text": "hidden"}).status_code == 200
        assert client.get("/api/v1/logs", params={"min_level": "warn"}, headers=spoofed).status_code == 200
        # What is refused is no access.
        assert client.get("/api/v1/agents/watched/logs", params={"text": "?"}).status_code == 422

    def of_tenant(found: list[Access]) -> list[Access]:
        return [one for one in found if one.tenant_id == TENANT and one.actor_id == "acme-admin"]

    found = accesses_until(
        control_kafka, lambda found: any('"min_level"' in one.query for one in of_tenant(found))
    )
    first, second = [one for one in of_tenant(found) if "hidden" in one.query or "min_level" in one.query]
    assert (first.agent_id, first.action, first.rows) == ("watched", AccessAction.LOG_SEARCH, 0)
    assert orjson.loads(first.query) == {"text": "hidden"}
    assert (second.agent_id, second.address) == ("", "127.0.0.1")
    assert not any('"?"' in one.query for one in of_tenant(found))
