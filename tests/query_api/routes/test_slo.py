"""Service levels out of what agents reported of their calls."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.event import EventRow, EventType
from tests.query_api.api_process import QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

TENANT = "leveled"
NOW = datetime.now(UTC)


def call(
    *, success: bool | None, latency: float | None = None, kind: EventType = EventType.TOOL_CALL
) -> EventRow:
    return EventRow(event_type=kind, success=success, latency_ms=latency, timestamp=NOW - timedelta(hours=1))


@pytest.fixture
def filled(query_api: QueryApiProcess, rows: FleetRows) -> QueryApiProcess:
    if not ask(query_api)["total"]["calls"]:
        now = int(NOW.timestamp() * 1000)
        good = [call(success=True, latency=float(number)) for number in range(1, 100)]
        rows.telemetry(Kind.EVENT, AgentRef(TENANT, "good"), [*good, call(success=False)], now)
        bad = [call(success=False, kind=EventType.MODEL_CALL), call(success=None), call(success=True)]
        decision = call(success=False, kind=EventType.DECISION)
        rows.telemetry(Kind.EVENT, AgentRef(TENANT, "bad"), [*bad, decision], now)
    return query_api


def ask(query_api: QueryApiProcess, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx sends
    with query_api.client() as client:
        answer = client.get("/api/v1/slo", params={"tenant": TENANT, **parameters})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_of_the_tenant_and_of_each_agent(filled: QueryApiProcess) -> None:
    report = ask(filled, objective="0.9")
    assert (report["total"]["calls"], report["total"]["failures"]) == (102, 2)
    assert report["total"]["meets_objective"] is True
    assert {agent["agent_id"] for agent in report["agents"]} == {"good", "bad"}
    by_id = {agent["agent_id"]: agent for agent in report["agents"]}
    assert by_id["good"]["success_rate"] == pytest.approx(0.99)
    assert by_id["good"]["error_budget_left"] == pytest.approx(0.9)
    assert by_id["good"]["latency_p50_ms"] == pytest.approx(50, abs=2)
    # What says nothing of its success is no call to be judged by, and a decision is none.
    assert (by_id["bad"]["calls"], by_id["bad"]["failures"]) == (2, 1)
    assert by_id["bad"]["meets_objective"] is False
    assert by_id["bad"]["latency_p99_ms"] is None


def test_of_one_agent_and_of_no_calls(filled: QueryApiProcess) -> None:
    report = ask(filled, agent="good")
    assert report["total"]["calls"] == 100
    assert [agent["agent_id"] for agent in report["agents"]] == ["good"]
    nothing = ask(filled, agent="nobody")
    assert (nothing["total"]["calls"], nothing["agents"]) == (0, [])


def test_more_agents_than_the_limit_are_said(filled: QueryApiProcess) -> None:
    report = ask(filled, limit="1")
    assert (len(report["agents"]), report["truncated"]) == (1, True)


@pytest.mark.parametrize("parameters", [{"objective": "1"}, {"objective": "nan"}, {"limit": "1001"}])
def test_nonsense_is_named(query_api: QueryApiProcess, parameters: dict[str, str]) -> None:
    with query_api.client() as client:
        answer = client.get("/api/v1/slo", params=parameters)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == list(parameters)
