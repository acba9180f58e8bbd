"""The overview counts what the lists show."""

import time
from datetime import UTC, datetime

import pytest

from schemas.block import Kind
from schemas.derived import (
    AgentStatus,
    Alert,
    AlertState,
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
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

TENANT = "overseen"


def test_the_fleet_at_a_glance(query_api: QueryApiProcess, rows: FleetRows) -> None:
    now = time.time_ns() // 1_000_000
    at, moment = to_rfc3339(now), datetime.fromtimestamp(now / 1000, UTC)
    with query_api.client() as client:
        for agent_id in ("one", "two", "three"):
            new = {"agent_id": agent_id, "labels": {"team": "a" if agent_id == "one" else "b"}}
            client.post("/api/v1/agents", json=new, params={"tenant": TENANT})
        for agent_id, online, score, level in (
            ("one", OnlineStatus.ONLINE, 95.0, TrustLevel.TRUSTED),
            ("two", OnlineStatus.OFFLINE, 30.0, TrustLevel.RESTRICTED),
            ("gone", OnlineStatus.ONLINE, 50.0, TrustLevel.WATCH),
        ):
            rows.derived(AgentStatus(TENANT, agent_id, OnlineStatus.DEGRADED, "", at), now - 1000)
            rows.derived(AgentStatus(TENANT, agent_id, online, "", at), now)
            trust = TrustScore(TENANT, agent_id, score, level, TrustStatus.ACTIVE, 1.0, 0, 100, at, [], [])
            rows.derived(trust, now)
        for fingerprint, states in {"f1": ["firing"], "f2": ["firing", "resolved"]}.items():
            for number, state in enumerate(states):
                ended = at if state == "resolved" else None
                alert = Alert(
                    *(TENANT, "one", fingerprint, "r", AlertState(state), Severity.HIGH, "", at, ended, [])
                )
                rows.derived(alert, now + number)
        found = PolicyViolation(TENANT, "one", "r", Severity.LOW, ViolationSource.DETECTED, "", at, [])
        for _ in range(2):
            rows.derived(found, now, "violation-1")
        ref = AgentRef(TENANT, "one")
        rows.telemetry(Kind.LOG, ref, [LogRow(LogLevel.ERROR, "x", timestamp=moment)] * 3, now)
        calls = [EventRow(EventType.TOOL_CALL, success=number > 0, timestamp=moment) for number in range(4)]
        rows.telemetry(Kind.EVENT, ref, calls, now)
        bill = CostRow(CostMetric.TOOL_COST, "2.5", timestamp=moment, currency="EUR")
        rows.telemetry(Kind.COST, ref, [bill], now)

        fleet = client.get("/api/v1/fleet", params={"tenant": TENANT}).json()
        ranked = client.get("/api/v1/agents", params={"tenant": TENANT, "sort": "trust"}).json()
        offline = client.get(
            "/api/v1/agents", params={"tenant": TENANT, "status": "offline", "q": "TW"}
        ).json()
        of_team = client.get("/api/v1/agents", params={"tenant": TENANT, "label": "team:b"}).json()
        first = client.get("/api/v1/agents", params={"tenant": TENANT, "sort": "-trust", "limit": "1"}).json()
        rest = client.get(
            "/api/v1/agents", params={"tenant": TENANT, "sort": "-trust", "cursor": first["next_cursor"]}
        ).json()

    assert [agent["agent_id"] for agent in of_team["agents"]] == ["three", "two"]
    assert fleet["agents"] == 3
    assert fleet["by_status"] == {"online": 1, "degraded": 0, "offline": 1, "suspended": 0, "unknown": 1}
    assert fleet["by_trust_level"] == {"trusted": 1, "restricted": 1}
    assert fleet["open_alerts"] == {"high": 1}
    day = fleet["last_24_hours"]
    assert (day["log_entries"], day["violations"]) == ({"error": 3}, {"low": 1})
    assert (day["calls"], day["call_failures"]) == (4, 1)
    assert fleet["spent_today"] == [{"currency": "EUR", "spent": "2.500000000000"}]
    assert [agent["agent_id"] for agent in ranked["agents"]] == ["two", "one", "three"]
    assert [agent["agent_id"] for agent in offline["agents"]] == ["two"]
    assert [agent["agent_id"] for agent in first["agents"] + rest["agents"]] == ["one", "two", "three"]


def test_a_tenant_without_agents_has_a_fleet_of_none(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        fleet = client.get("/api/v1/fleet", params={"tenant": "nobody-there"}).json()
    assert (fleet["agents"], fleet["by_status"]["unknown"], fleet["spent_today"]) == (0, 0, [])
