"""Status: the newest change, the last sign of life, and what came in a day."""

import time

import pytest

from schemas.block import Kind
from schemas.derived import AgentStatus, OnlineStatus, TrustLevel, TrustScore, TrustStatus
from schemas.identity import AgentRef
from schemas.messages.heartbeat import HeartbeatRow
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.values import AgentHealth, LogLevel, Severity
from schemas.messages.violation import ViolationRow
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

HOUR = 60 * 60 * 1000


NONE_ELSE = {"events": 0, "costs": 0, "otel_metrics": 0}


def now() -> int:
    return time.time_ns() // 1_000_000


def test_an_agent_that_never_reported_is_unknown(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "silent"})
        assert client.get("/api/v1/agents/silent/status").json() == {
            "agent_id": "silent",
            "tenant_id": "default",
            "status": "unknown",
            "since": None,
            "reason": None,
            "last_seen_at": None,
            "trust": None,
            "suspension": None,
            "last_24_hours": {"heartbeats": 0, "metrics": 0, "violations": 0, "logs": 0} | NONE_ELSE,
        }


def test_a_busy_agent_shows_its_day(query_api: QueryApiProcess, rows: FleetRows) -> None:
    ref = AgentRef("default", "busy")
    today, seen = now(), now() - HOUR
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        rows.telemetry(Kind.HEARTBEAT, ref, [HeartbeatRow(AgentHealth.ACTIVE)] * 2, seen)
        rows.telemetry(Kind.METRICS, ref, [MetricsRow(1, 2.0)], seen - HOUR)
        rows.telemetry(Kind.VIOLATION, ref, [ViolationRow("pii", Severity.LOW)], seen - HOUR)
        rows.telemetry(Kind.LOG, ref, [LogRow(LogLevel.INFO, "x")] * 3, seen - HOUR)
        rows.telemetry(Kind.LOG, ref, [LogRow(LogLevel.INFO, "old")], today - 48 * HOUR)
        began = seen - 5 * HOUR
        rows.derived(AgentStatus(*ref, OnlineStatus.ONLINE, "heartbeat", to_rfc3339(began)), began, "same-id")
        rows.derived(AgentStatus(*ref, OnlineStatus.ONLINE, "heartbeat", to_rfc3339(began)), began, "same-id")
        score = TrustScore(
            *ref, 88.5, TrustLevel.GOOD, TrustStatus.ACTIVE, 0.9, 80, 95, to_rfc3339(seen), [], []
        )
        rows.derived(score, seen)
        report = client.get("/api/v1/agents/busy/status").json()
    assert report["last_24_hours"] == {"heartbeats": 2, "metrics": 1, "violations": 1, "logs": 3} | NONE_ELSE
    assert (report["status"], report["reason"], report["since"]) == (
        "online",
        "heartbeat",
        to_rfc3339(began),
    )
    assert report["last_seen_at"] == to_rfc3339(seen)
    assert report["trust"] == {
        "score": 88.5,
        "level": "good",
        "status": "active",
        "as_of": to_rfc3339(seen),
    }


def test_an_agent_long_gone_was_last_seen_as_its_status_says(
    query_api: QueryApiProcess, rows: FleetRows
) -> None:
    ref = AgentRef("default", "gone")
    left = now() - 72 * HOUR
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        rows.telemetry(Kind.HEARTBEAT, ref, [HeartbeatRow(AgentHealth.ACTIVE)], left)
        status = AgentStatus(*ref, OnlineStatus.OFFLINE, "missed-heartbeats", to_rfc3339(left))
        rows.derived(status, left + HOUR)
        report = client.get("/api/v1/agents/gone/status").json()
    assert (report["status"], report["last_seen_at"]) == ("offline", to_rfc3339(left))
