"""Steps, runs and a run as a tree, out of what agents reported."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runtime.settings import KafkaAddress
from schemas.accesses import Access, AccessAction
from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.event import EventRow, EventType
from tests.query_api.access_records import accesses_until
from tests.query_api.api_process import TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

REF = AgentRef("runners", "run-scout")
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


def event(kind: EventType, at: int, run_id: str = "run/1", **fields: Any) -> EventRow:  # noqa: ANN401 - those of the row
    return EventRow(event_type=kind, run_id=run_id, timestamp=BEGIN + timedelta(microseconds=at), **fields)


@pytest.fixture
def filled(query_api: QueryApiProcess, rows: FleetRows) -> QueryApiProcess:
    with query_api.client() as client:
        params = {"tenant": REF.tenant_id}
        made = client.post("/api/v1/agents", json={"agent_id": REF.agent_id}, params=params)
        if made.status_code == 201:
            first = [
                event(EventType.RUN_START, 0),
                event(EventType.TOOL_CALL, 1, tool_name="search", span_id="s1", success=True, latency_ms=5.0),
                event(EventType.MODEL_CALL, 2, model="m", parent_span_id="s1", success=False, input_tokens=7),
                event(EventType.DECISION, 3, decision="deny", attributes={"why": "policy"}),
                event(EventType.OUTCOME, 4, success=True, message="answered"),
                event(EventType.RUN_END, 5),
            ]
            second = [
                event(EventType.RUN_START, 10, "run-2"),
                event(EventType.ERROR, 11, "run-2", message="lost"),
            ]
            now = time.time_ns() // 1_000_000
            rows.telemetry(Kind.EVENT, REF, [*first, *second, event(EventType.SPAN, 12, "")], now)
            rows.telemetry(Kind.EVENT, AgentRef(TENANT, REF.agent_id), [event(EventType.RUN_START, 0)], now)
    return query_api


def get(query_api: QueryApiProcess, path: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx sends
    with query_api.client() as client:
        answer = client.get(path, params={"tenant": REF.tenant_id, **parameters})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_run_is_a_tree(filled: QueryApiProcess) -> None:
    run = get(filled, f"/api/v1/agents/{REF.agent_id}/runs/run%2F1")
    assert [step["type"] for step in run["steps"]] == [
        "RunStart",
        "ToolCall",
        "Decision",
        "Outcome",
        "RunEnd",
    ]
    [call] = run["steps"][1]["children"]
    assert (call["type"], call["model"], call["success"], call["input_tokens"]) == (
        "ModelCall",
        "m",
        False,
        7,
    )
    assert run["steps"][2]["attributes"] == {"why": "policy"}
    assert (run["ended"], run["succeeded"], run["outcome"], run["truncated"]) == (
        True,
        True,
        "answered",
        False,
    )
    assert run["started_at"] == BEGIN.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    assert run["last_step_at"].endswith(".000005Z")


def test_runs_are_listed_with_what_became_of_them(filled: QueryApiProcess) -> None:
    last, first = get(filled, "/api/v1/runs")["runs"]
    assert (first["run_id"], first["steps"], first["tool_calls"], first["model_calls"]) == ("run/1", 6, 1, 1)
    assert (first["failures"], first["ended"], first["succeeded"], first["outcome"]) == (
        1,
        True,
        True,
        "answered",
    )
    assert (last["run_id"], last["failures"], last["ended"]) == ("run-2", 1, False)
    assert (last["succeeded"], last["outcome"]) == (None, None)
    page = get(filled, "/api/v1/runs", limit="1")
    rest = get(filled, "/api/v1/runs", cursor=page["next_cursor"])
    assert [run["run_id"] for run in page["runs"] + rest["runs"]] == ["run-2", "run/1"]
    assert get(filled, "/api/v1/runs", to="2020-01-01T00:00:00Z")["runs"] == []


def test_each_answer_is_written_down_before(filled: QueryApiProcess, control_kafka: KafkaAddress) -> None:
    get(filled, "/api/v1/events", agent=REF.agent_id, tool="search", limit="3")
    get(filled, "/api/v1/runs", limit="9")
    get(filled, f"/api/v1/agents/{REF.agent_id}/runs/run-2")
    get(filled, "/api/v1/policy-decisions", agent=REF.agent_id, decision="deny", limit="4")
    wanted = {
        (
            AccessAction.EVENT_SEARCH,
            REF.agent_id,
            '"tool":"search"',
            1,
        ),
        (AccessAction.RUN_SEARCH, "", '"limit":9', 2),
        (AccessAction.RUN_SHOW, REF.agent_id, "run-2", 2),
        (AccessAction.DECISION_SEARCH, REF.agent_id, "deny", None),
    }

    def missing(found: list[Access]) -> set[tuple[AccessAction, str, str, int | None]]:
        mine = [one for one in found if one.tenant_id == REF.tenant_id and one.actor_id == "tests-admin"]
        return {
            (action, agent_id, query, rows)
            for action, agent_id, query, rows in wanted
            if not any(
                (one.action, one.agent_id) == (action, agent_id)
                and query in one.query
                and rows in (None, one.rows)
                for one in mine
            )
        }

    assert not missing(accesses_until(control_kafka, lambda found: not missing(found)))


def test_events_of_one_millisecond_are_told_apart_over_pages(filled: QueryApiProcess) -> None:
    found: list[str] = []
    parameters: dict[str, str] = {"limit": "2"}
    while True:
        page = get(filled, "/api/v1/events", **parameters)
        found += [step["type"] for step in page["events"]]
        if page["next_cursor"] is None:
            break
        parameters["cursor"] = page["next_cursor"]
    assert found == [
        *("Span", "Error", "RunStart", "RunEnd", "Outcome", "Decision", "ModelCall", "ToolCall", "RunStart"),
    ]


def test_events_by_kind_run_tool_and_decision(filled: QueryApiProcess) -> None:
    def kinds(**parameters: Any) -> list[str]:  # noqa: ANN401 - whatever httpx sends
        return [step["type"] for step in get(filled, "/api/v1/events", **parameters)["events"]]

    assert kinds(type=["RunEnd", "Error"]) == ["Error", "RunEnd"]
    assert kinds(run="run-2") == ["Error", "RunStart"]
    assert kinds(tool="search") == ["ToolCall"]
    assert kinds(decision="deny", agent=REF.agent_id) == ["Decision"]
    assert kinds(success="false") == ["ModelCall"]
    assert set(kinds(success="true")).isdisjoint({"ModelCall", "Decision"})
    assert kinds(agent="nobody") == []


def test_nobody_elses_and_not_for_everybody(filled: QueryApiProcess) -> None:
    with filled.client(TENANT_ADMIN) as client:
        assert len(client.get("/api/v1/events", params={"agent": REF.agent_id}).json()["events"]) == 1
        assert client.get(f"/api/v1/agents/{REF.agent_id}/runs/run-2").status_code == 404
    with filled.client(VIEWER) as client:
        assert client.get("/api/v1/events").status_code == 403
    with filled.client() as client:
        params = {"tenant": REF.tenant_id}
        assert client.get(f"/api/v1/agents/{REF.agent_id}/runs/none", params=params).status_code == 404


@pytest.mark.parametrize("parameters", [{"type": "Dance"}, {"run": ""}, {"cursor": "x"}, {"limit": "0"}])
def test_nonsense_is_named(query_api: QueryApiProcess, parameters: dict[str, str]) -> None:
    with query_api.client() as client:
        answer = client.get("/api/v1/events", params=parameters)
    assert answer.status_code == 422
    assert [error["field"].split(".")[0] for error in answer.json()["errors"]] == list(parameters)
