"""Search in a log: filters, words, and pages that new entries do not move."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.operators import Role
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import TENANT, TENANT_ADMIN, TOKENS, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

START = 1_800_000_000_000
SECOND = 1000
HOUR = 3_600_000
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def scout(query_api: QueryApiProcess) -> AgentRef:
    """An agent, which the first test makes."""
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "log-scout"})
    return AgentRef("default", "log-scout")


def search(client: httpx.Client, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx sends
    answer = client.get("/api/v1/agents/log-scout/logs", params=parameters)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def messages(page: dict[str, Any]) -> list[str]:
    return [entry["message"] for entry in page["logs"]]


def entry(
    text: str, at: int, level: LogLevel = LogLevel.INFO, context: object = None, trace_id: str = ""
) -> LogRow:
    return LogRow(level, text, context, timestamp=datetime.fromtimestamp(at / 1000, UTC), trace_id=trace_id)


@pytest.fixture
def filled(scout: AgentRef, rows: FleetRows, query_api: QueryApiProcess) -> AgentRef:
    """Five entries, once for all tests."""
    with query_api.client() as client:
        if not search(client)["logs"]:
            entries = [
                entry("Connection timeout to Store", START, LogLevel.ERROR, {"host": "a", "tries": [1, 2]}),
                entry(
                    "store connected",
                    START + SECOND,
                    LogLevel.DEBUG,
                    {"http.method": "GET", "deep": {"er": 7}},
                ),
                entry("größe ok", START + 2 * SECOND, LogLevel.WARN, "plain"),
                entry("TIMEOUT again", START + 3 * SECOND, LogLevel.ERROR),
                entry("done", START + 4 * SECOND, trace_id=TRACE),
            ]
            rows.telemetry(Kind.LOG, scout, entries, START + 5 * SECOND)
            stranger = entry("Connection timeout elsewhere", START)
            rows.telemetry(Kind.LOG, AgentRef(TENANT, scout.agent_id), [stranger], START)
            rows.telemetry(Kind.LOG, AgentRef("default", "log-other"), [stranger], START)
    return scout


@pytest.mark.usefixtures("filled")
class TestSearch:
    """Over the five entries."""

    def test_newest_first_with_everything_that_was_said(self, query_api: QueryApiProcess) -> None:
        with query_api.client() as client:
            page = search(client)
        assert messages(page) == [
            "done",
            "TIMEOUT again",
            "größe ok",
            "store connected",
            "Connection timeout to Store",
        ]
        oldest = page["logs"][-1]
        assert oldest["context"] == {"host": "a", "tries": [1, 2]}
        assert oldest["level"] == "error"
        assert oldest["timestamp"] == to_rfc3339(START)
        assert oldest["received_at"] == to_rfc3339(START + 5 * SECOND)
        assert oldest["event_id"].endswith(":0")
        assert page["logs"][2]["context"] == "plain"
        assert page["logs"][0]["context"] is None

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("timeout", ["TIMEOUT again", "Connection timeout to Store"]),
            ("STORE timeout", ["Connection timeout to Store"]),
            ("Größe", ["größe ok"]),
            ("time", []),
            ("' OR 1=1 --", []),
        ],
    )
    def test_by_whole_words_in_any_case(
        self, query_api: QueryApiProcess, text: str, found: list[str]
    ) -> None:
        with query_api.client() as client:
            assert messages(search(client, text=text)) == found

    def test_by_levels(self, query_api: QueryApiProcess) -> None:
        with query_api.client() as client:
            assert messages(search(client, level=["warn", "debug"])) == ["größe ok", "store connected"]

    def test_by_time_the_end_not_included(self, query_api: QueryApiProcess) -> None:
        bounds = {"from": to_rfc3339(START + SECOND), "to": to_rfc3339(START + 3 * SECOND)}
        with query_api.client() as client:
            assert messages(search(client, **bounds)) == ["größe ok", "store connected"]

    def test_another_tenants_agent_of_that_name_is_another(self, query_api: QueryApiProcess) -> None:
        with query_api.client(TENANT_ADMIN) as client:
            assert client.get("/api/v1/agents/log-scout/logs").status_code == 404
            client.post("/api/v1/agents", json={"agent_id": "log-scout"})
            assert messages(search(client)) == ["Connection timeout elsewhere"]

    def test_from_a_level_on(self, query_api: QueryApiProcess) -> None:
        with query_api.client() as client:
            assert len(messages(search(client, min_level="warn"))) == 3
            assert messages(search(client, min_level="warn", level=["warn", "debug"])) == ["größe ok"]

    @pytest.mark.parametrize(
        ("fields", "found"),
        [
            (["host:a"], 1),
            (["host:a", "tries:[1,2]"], 1),
            (["host:a", "tries:[1]"], 0),
            (["http.method:GET"], 1),
            (["deep.er:7"], 1),
            (["deep.er:8"], 0),
            (["host:a:b"], 0),
        ],
    )
    def test_by_fields_of_the_context(
        self, query_api: QueryApiProcess, fields: list[str], found: int
    ) -> None:
        with query_api.client() as client:
            assert len(messages(search(client, context=fields))) == found

    def test_of_a_trace(self, query_api: QueryApiProcess) -> None:
        with query_api.client() as client:
            [entry] = search(client, trace_id=TRACE)["logs"]
        assert (entry["message"], entry["trace_id"], entry["span_id"]) == ("done", TRACE, None)

    def test_of_all_agents_of_the_tenant(self, query_api: QueryApiProcess) -> None:
        with query_api.client() as client:
            page = client.get("/api/v1/logs", params={"text": "connection timeout"}).json()
            assert {entry["agent_id"] for entry in page["logs"]} >= {"log-scout", "log-other"}
            one = client.get("/api/v1/logs", params={"text": "connection timeout", "agent": "log-scout"})
            assert {entry["agent_id"] for entry in one.json()["logs"]} == {"log-scout"}
            assert client.get("/api/v1/logs", params={"agent": "nobody"}).status_code == 404

    def test_an_agent_reads_its_own_log_with_its_key(self, query_api: QueryApiProcess) -> None:
        path = "/api/v1/agents/log-scout"
        with query_api.client() as client:
            key = client.post(f"{path}/keys", json={"permissions": ["logs.read"]}).json()
            other = client.post(f"{path}/keys", json={"permissions": ["logs.write"]}).json()
        with query_api.client(key["api_key"]) as client:
            assert len(messages(search(client))) == 5
            assert client.get(f"{path}/logs", params={"tenant": TENANT}).status_code == 403
            assert client.get("/api/v1/agents/log-other/logs").status_code == 403
            assert client.get("/api/v1/logs").status_code == 403
            assert client.get("/api/v1/logs", params={"agent": "log-scout"}).status_code == 200
            # Nothing but logs.
            for route in ("/trust", "/metrics", "/keys", "/status", ""):
                assert client.get(f"{path}{route}").status_code == 401, route
            assert client.get("/api/v1/accesses").status_code == 401
        with query_api.client(other["api_key"]) as client:
            assert client.get(f"{path}/logs").status_code == 403
        with query_api.client() as client:
            deadline = time.monotonic() + 120
            while not any(
                one["key_id"] == key["key_id"] and one["last_used_at"]
                for one in client.get(f"{path}/keys").json()["keys"]
            ):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            client.delete(f"{path}/keys/{key['key_id']}")
        with query_api.client(key["api_key"]) as client:
            assert client.get(f"{path}/logs").status_code == 401

    @pytest.mark.parametrize(
        "parameters",
        [
            {"level": "loud"},
            {"limit": "0"},
            {"limit": "1001"},
            {"from": "yesterday"},
            {"from": "9999-01-01T00:00:00Z"},
            {"text": "!!"},
            {"context": "host"},
            {"context": ":a"},
            {"context": "host:"},
            {"context": ".".join("a" * 17) + ":x"},
            {"min_level": "loud"},
            {"trace_id": ""},
            {"cursor": "nonsense"},
            {"levl": "error"},
            {"tenant": "a/b"},
        ],
    )
    def test_bad_parameters_are_named(self, query_api: QueryApiProcess, parameters: dict[str, str]) -> None:
        with query_api.client() as client:
            answer = client.get("/api/v1/agents/log-scout/logs", params=parameters)
        assert answer.status_code == 422, answer.text
        assert [error["field"].split(".")[0] for error in answer.json()["errors"]] == list(parameters)


def test_entries_that_come_in_between_do_not_move_the_pages(
    query_api: QueryApiProcess, rows: FleetRows
) -> None:
    ref = AgentRef("default", "log-pages")
    path = f"/api/v1/agents/{ref.agent_id}/logs"
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        # Two requests with equal timestamps: the batch and the sequence number tell them apart.
        for batch in range(2):
            same_time = [entry(f"{batch}-{number}", START) for number in range(5)]
            rows.telemetry(Kind.LOG, ref, same_time, START)
        everything = messages(client.get(path).json())
        assert len(everything) == 10
        found: list[str] = []
        parameters = {"limit": "3"}
        while True:
            page = client.get(path, params=parameters).json()
            found += messages(page)
            rows.telemetry(Kind.LOG, ref, [entry("newer", START + SECOND)], START)
            if page["next_cursor"] is None:
                break
            parameters["cursor"] = page["next_cursor"]
    assert found == everything


def test_pages_go_back_over_days(query_api: QueryApiProcess, rows: FleetRows) -> None:
    ref = AgentRef("default", "log-days")
    path = f"/api/v1/agents/{ref.agent_id}/logs"
    now = time.time_ns() // 1_000_000
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        every = [entry(f"entry {number}", now - number * 10 * HOUR) for number in range(12)]
        rows.telemetry(Kind.LOG, ref, every, now)
        found: list[str] = []
        parameters = {"limit": "5"}
        while True:
            page = client.get(path, params=parameters).json()
            found += messages(page)
            if page["next_cursor"] is None:
                break
            parameters["cursor"] = page["next_cursor"]
        lately = {"from": to_rfc3339(now - 45 * HOUR), "to": to_rfc3339(now - 5 * HOUR)}
        part = messages(client.get(path, params=lately).json())
    assert found == [f"entry {number}" for number in range(12)]
    assert part == [f"entry {number}" for number in range(1, 5)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, lambda _: True),
        ({"level": "error"}, lambda number: number % 3 == 0),
        ({"text": "even"}, lambda number: number % 2 == 0),
        ({"text": "even", "level": "error"}, lambda number: number % 6 == 0),
        ({"context": "rest:1"}, lambda number: number % 4 == 1),
        ({"text": "nobody said"}, lambda _: False),
    ],
)
def test_pages_of_a_tenant_go_back_over_days_and_agents(
    query_api: QueryApiProcess, rows: FleetRows, wanted: dict[str, str], found: Callable[[int], bool]
) -> None:
    parameters = {**wanted, "tenant": "log-tenant", "limit": "3"}
    now = time.time_ns() // 1_000_000
    with query_api.client() as client:
        if not client.get("/api/v1/logs", params={"tenant": "log-tenant"}).json()["logs"]:
            _put_two_agents(rows, now)
        pages: list[str] = []
        while True:
            page = client.get("/api/v1/logs", params=parameters).json()
            pages += messages(page)
            if page["next_cursor"] is None:
                break
            parameters["cursor"] = page["next_cursor"]
    expected = [f"{'even' if number % 2 == 0 else 'odd'} {number}" for number in range(40) if found(number)]
    assert sorted(pages) == sorted(expected)
    # Two at a time were said at one moment.
    assert [int(text.split()[1]) // 2 for text in pages] == [int(text.split()[1]) // 2 for text in expected]


def _put_two_agents(rows: FleetRows, now: int) -> None:
    """Over ten days, two entries at a time; and one of another tenant at the newest of these times."""
    for agent in (0, 1):
        every = [
            entry(
                f"{'even' if number % 2 == 0 else 'odd'} {number}",
                now - number // 2 * 12 * HOUR,
                LogLevel.ERROR if number % 3 == 0 else LogLevel.INFO,
                {"rest": number % 4},
            )
            for number in range(agent, 40, 2)
        ]
        rows.telemetry(Kind.LOG, AgentRef("log-tenant", f"teller-{agent}"), every, now)
    rows.telemetry(Kind.LOG, AgentRef("log-tenants", "teller-0"), [entry("even 0", now)], now)


@pytest.mark.parametrize("role", Role)
def test_what_agents_wrote_is_for_analysts(query_api: QueryApiProcess, scout: AgentRef, role: Role) -> None:
    with query_api.client(TOKENS[role]) as client:
        answer = client.get(f"/api/v1/agents/{scout.agent_id}/logs")
    assert answer.status_code == (403 if role is Role.VIEWER else 200)
