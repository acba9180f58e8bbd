"""Rules tried on what is stored: who would have fired, when, and by which values."""

import time
from typing import Any

import pytest

from query_api.routes.alert_trials import _added_up
from schemas.block import Kind
from schemas.derived import (
    AgentStatus,
    OnlineStatus,
    PolicyViolation,
    TrustLevel,
    TrustScore,
    TrustStatus,
    ViolationSource,
)
from schemas.identity import AgentRef
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel, Severity
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.api_process import VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

TENANT = "rule-trials"
HOUR = 3_600_000
AT = "2026-01-31T12:00:00.000Z"


@pytest.fixture(scope="module")
def stored(query_clickhouse: EmbeddedClickHouse, clickhouse_url: str) -> int:
    """What two agents did an hour ago; when that was."""
    assert clickhouse_url
    fleet_rows = FleetRows(query_clickhouse)
    then = time.time_ns() // 1_000_000 - HOUR
    bad, good = AgentRef(TENANT, "bad"), AgentRef(TENANT, "good")
    for ref, success in ((bad, False), (good, True)):
        calls = [EventRow(EventType.TOOL_CALL, success=success, latency_ms=100.0)] * 20
        slow = [EventRow(EventType.MODEL_CALL, success=True, latency_ms=100.0 if success else 9000.0)] * 20
        fleet_rows.telemetry(Kind.EVENT, ref, [*calls, *slow], then)
    fleet_rows.telemetry(Kind.EVENT, bad, [EventRow(EventType.DECISION, decision="DENY")] * 5, then)
    fleet_rows.telemetry(Kind.LOG, bad, [LogRow(LogLevel.ERROR, "x")] * 20, then)
    costs = [
        CostRow(CostMetric.TOKENS_OUT, "500", cost="0.5", currency="USD"),
        CostRow(CostMetric.TOOL_COST, "2.25", currency="USD"),
        CostRow(CostMetric.TOOL_COST, "7", currency="EUR"),
    ]
    fleet_rows.telemetry(Kind.COST, bad, costs, then)
    violation = PolicyViolation(TENANT, "bad", "r", Severity.CRITICAL, ViolationSource.REPORTED, "", AT, [])
    for _ in range(2):
        fleet_rows.derived(violation, then, event_id="trial-violation")
    for level, at in ((TrustLevel.TRUSTED, then), (TrustLevel.RESTRICTED, then + 1000)):
        score = TrustScore(TENANT, "bad", 40, level, TrustStatus.ACTIVE, 1, 30, 50, AT, [], [])
        fleet_rows.derived(score, at)
    for status, at in ((OnlineStatus.ONLINE, then), (OnlineStatus.OFFLINE, then + 1000)):
        fleet_rows.derived(AgentStatus(TENANT, "bad", status, "heartbeats_missed", AT), at)
    return then


def tried(query_api: QueryApiProcess, metric: str, value: float, **terms: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    condition = {"kind": "threshold", "value": value}
    body = {"hours": 2, "rule": {"metric": metric, "condition": condition, **terms}}
    with query_api.client(VIEWER) as client:
        answer = client.post("/api/v1/alert-rule-test", json=body, params={"tenant": TENANT})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("metric", "value", "terms", "shown"),
    [
        ("events", 60, {}, 68.0),
        ("outcomes", 40, {"scope": {"agents": ["*"]}}, 40.0),
        ("failures", 20, {}, 20.0),
        ("error_rate", 0.5, {}, 0.5),
        ("denied_calls", 5, {}, 5.0),
        ("log_errors", 20, {}, 20.0),
        ("violations", 1, {}, 1.0),
        ("critical_violations", 1, {}, 1.0),
        ("tokens", 500, {}, 500.0),
        ("spend", 2, {"currency": "USD"}, 2.75),
        ("latency_p95", 5000, {}, None),
        ("trust_levels_lost", 2, {}, 2.0),
        ("offline", 1, {}, 1.0),
    ],
)
def test_each_metric_is_found_in_what_is_stored(
    query_api: QueryApiProcess, metric: str, value: float, terms: dict[str, Any], shown: float | None
) -> None:
    result = tried(query_api, metric, value, **terms)
    alerts = {one["agent_id"]: one["alerts"] for one in result["agents"]}
    assert alerts.keys() == ({"bad", "good"} if metric == "outcomes" else {"bad"}), result
    (alert,) = alerts["bad"]
    assert alert["threshold"] == value
    if shown is not None:
        assert alert["value"] == shown
    windowed = metric not in {"trust_levels_lost", "offline"}
    assert (alert["resolved_at"] is not None) is windowed


def test_nothing_fires_after_the_trials_end(query_api: QueryApiProcess, rows: FleetRows) -> None:
    now = time.time_ns() // 1_000_000
    rows.telemetry(Kind.LOG, AgentRef(TENANT, "fresh"), [LogRow(LogLevel.ERROR, "x")] * 30, now)
    result = tried(query_api, "log_errors", 30)
    [alert] = next(one["alerts"] for one in result["agents"] if one["agent_id"] == "fresh")
    assert alert["fired_at"] <= result["end"]


@pytest.mark.usefixtures("stored")
def test_nobody_fires_where_nothing_is_met_or_nobody_is_in_scope(query_api: QueryApiProcess) -> None:
    result = tried(query_api, "failures", 21)
    assert (result["agents"], result["agents_with_data"]) == ([], 1)
    assert tried(query_api, "failures", 1, scope={"labels": {"team": "x"}})["agents_with_data"] == 0


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("metric", "value", "agents", "shown"),
    [
        ("outcomes", 80, ["*"], 80.0),
        ("events", 108, ["*"], 108.0),
        ("error_rate", 0.25, ["*"], 0.25),
    ],
)
def test_many_agents_are_tried_together(
    query_api: QueryApiProcess, metric: str, value: float, agents: list[str], shown: float
) -> None:
    result = tried(query_api, metric, value, scope={"kind": "total", "agents": agents})
    assert result["agents_with_data"] == 1
    (one,) = result["agents"]
    assert (one["agent_id"], [alert["value"] for alert in one["alerts"]]) == ("", [shown])


@pytest.mark.usefixtures("stored")
def test_a_share_of_the_daily_budget_is_tried_by_the_policies_of_now(query_api: QueryApiProcess) -> None:
    assert tried(query_api, "budget_share", 0.5)["agents"] == []
    body = {"policy_id": "cap", "daily_cost_cap": {"amount": "5", "currency": "USD"}}
    with query_api.client() as client:
        made = client.post("/api/v1/policies", json=body, params={"tenant": TENANT})
    assert made.status_code == 201, made.text
    result = tried(query_api, "budget_share", 0.5)
    assert result["start"].endswith("T00:00:00.000Z")
    (one,) = result["agents"]
    assert (one["agent_id"], [alert["value"] for alert in one["alerts"]]) == ("bad", [0.55])


def test_of_very_many_agents_the_sums_are_made_here() -> None:
    row = {"who": "a", "moment": 2, "came": 3.0, "outcomes": 5, "classes": [], "counts": []}
    rows = [row, {**row, "moment": 4}, {**row, "who": "b", "moment": 1}, {**row, "who": "b"}]
    found = [(one["who"], one["moment"], one["came"], one["outcomes"]) for one in _added_up(rows)]
    assert found == [("", 1, 3.0, 5), ("", 2, 6.0, 10), ("", 4, 3.0, 5)]


@pytest.mark.usefixtures("stored")
def test_of_agents_in_scope_only_those_are_tried(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        for agent in ("bad", "good"):
            body = {"agent_id": agent, "labels": {"kind": agent}}
            assert client.post("/api/v1/agents", json=body, params={"tenant": TENANT}).status_code == 201
    for scope in ({"labels": {"kind": "good"}}, {"agents": ["go*"]}):
        result = tried(query_api, "outcomes", 1, scope=scope)
        assert [one["agent_id"] for one in result["agents"]] == ["good"]
