"""The series of an agent's reports."""

from datetime import UTC, datetime

import pytest

from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.metrics import MetricsRow
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

NOW = 1_800_000_000_000


def test_reports_come_newest_first_in_a_time_range(query_api: QueryApiProcess, rows: FleetRows) -> None:
    ref = AgentRef("default", "counting")
    path = "/api/v1/agents/counting/metrics"
    reports = [
        MetricsRow(
            interactions=number,
            response_time_ms=1.5 * number,
            reported_trust=None if number else 90.0,
            platform="linux",
            timestamp=datetime.fromtimestamp(NOW / 1000 + number, UTC),
        )
        for number in range(4)
    ]
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        batch_id = rows.telemetry(Kind.METRICS, ref, reports, NOW + 9000)
        everything = client.get(path).json()
        first = client.get(path, params={"limit": 2}).json()
        rest = client.get(path, params={"limit": 2, "cursor": first["next_cursor"]}).json()
        late = client.get(path, params={"from": to_rfc3339(NOW + 2000)}).json()
    assert [entry["interactions"] for entry in everything["metrics"]] == [3, 2, 1, 0]
    assert first["metrics"] + rest["metrics"] == everything["metrics"]
    assert [entry["interactions"] for entry in late["metrics"]] == [3, 2]
    assert everything["metrics"][-1] == {
        "event_id": f"{batch_id}:0",
        "timestamp": to_rfc3339(NOW),
        "received_at": to_rfc3339(NOW + 9000),
        "interactions": 0,
        "response_time_ms": 0.0,
        "reported_trust": 90.0,
        "violations_count": 0,
        "uptime_seconds": None,
        "platform": "linux",
        "version": "",
        "location": "",
    }
