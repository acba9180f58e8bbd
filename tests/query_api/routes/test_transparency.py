"""What is collected of an agent, how long it is kept, and who has read it."""

import time
from datetime import UTC, datetime

import pytest

from schemas.accesses import Access, AccessAction, ActorKind
from schemas.block import Kind
from schemas.derived import TrustLevel, TrustScore, TrustStatus
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.values import LogLevel
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

REF = AgentRef("default", "open-scout")
PATH = f"/api/v1/agents/{REF.agent_id}/transparency"


def test_nothing_was_collected_yet(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "silent-scout"})
        shown = client.get("/api/v1/agents/silent-scout/transparency").json()
    assert (shown["records_today"], shown["last_collection_at"], shown["latency_p50_ms"]) == (0, None, None)
    assert shown["min_log_level"] == "debug"
    assert {kind["rows_24_hours"] for kind in shown["collected"]} == {0}


def test_what_becomes_of_an_agents_data(query_api: QueryApiProcess, rows: FleetRows) -> None:
    now = time.time_ns() // 1_000_000
    moment = datetime.fromtimestamp(now / 1000, UTC)
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": REF.agent_id})
        client.put(f"/api/v1/agents/{REF.agent_id}/privacy", json={"min_log_level": "warn"})
        for number in range(3):
            report = MetricsRow(interactions=1, response_time_ms=1.0, timestamp=moment)
            rows.telemetry(Kind.METRICS, REF, [report, report], now - 30_000 * number)
        rows.telemetry(Kind.LOG, REF, [LogRow(LogLevel.ERROR, "x", timestamp=moment)], now)
        as_of = to_rfc3339(now - 40)
        trust = TrustScore(*REF, 90.0, TrustLevel.GOOD, TrustStatus.ACTIVE, 1.0, 0, 100, as_of, [], [])
        rows.derived(trust, now)
        # The same report, judged anew as time passed: that was no wait.
        rows.derived(trust, now + 60_000)
        for agent_id, actor in ((REF.agent_id, "ada"), ("", "bob"), ("another", "eve")):
            read = Access(
                "default", agent_id, ActorKind.OPERATOR, actor, AccessAction.SQL, "SELECT", "192.0.2.1", 1
            )
            rows.derived(read, now)
    with query_api.client(VIEWER) as client:
        shown = client.get(PATH).json()
        assert client.get("/api/v1/agents/nobody/transparency").status_code == 404
    by_kind = {kind["kind"]: kind for kind in shown["collected"]}
    assert by_kind["metrics"]["rows_24_hours"] == 6
    assert by_kind["metrics"]["interval_seconds"] == 30.0
    assert by_kind["log"]["interval_seconds"] is None
    assert shown["last_collection_at"] == to_rfc3339(now)
    assert shown["min_log_level"] == "warn"
    assert shown["latency_p95_ms"] == 40
    logs = next(kept for kept in shown["kept"] if kept["table"] == "agent_logs")
    assert logs["kept_days"] == 365
    assert datetime.fromisoformat(logs["next_cleanup_at"]) > moment
    mine = [access for access in shown["accesses"] if access["actor_id"] in {"ada", "bob", "eve"}]
    assert {access["actor_id"] for access in mine} == {"ada", "bob"}
    assert "query" not in mine[0]
