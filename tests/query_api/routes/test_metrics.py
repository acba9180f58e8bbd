"""The series of an agent's reports."""

import sys
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


def test_a_series_is_as_fine_as_its_length_allows(query_api: QueryApiProcess, rows: FleetRows) -> None:
    ref = AgentRef("default", "series-scout")
    path = f"/api/v1/agents/{ref.agent_id}/metrics/series"
    now = int(datetime.now(UTC).timestamp() * 1000) // 60_000 * 60_000
    reports = [
        MetricsRow(
            interactions=1,
            response_time_ms=float(number),
            reported_trust=None,
            timestamp=datetime.fromtimestamp((now - number * 60_000) / 1000, UTC),
        )
        for number in range(1, 121)
    ]
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        rows.telemetry(Kind.METRICS, ref, reports, now)
        raw = client.get(path, params={"from": to_rfc3339(now - 300_000), "to": to_rfc3339(now)}).json()
        minutes = client.get(path, params={"from": to_rfc3339(now - 3_600_000), "to": to_rfc3339(now)}).json()
        day = client.get(path).json()
        refused = client.get(path, params={"from": "2020-01-01T00:00:00Z", "resolution": "1m"})
    assert (raw["resolution"], len(raw["points"])) == ("raw", 5)
    assert raw["points"][0]["response_time_avg_ms"] == 5.0
    assert raw["points"][0]["response_time_p50_ms"] is None
    assert (minutes["resolution"], len(minutes["points"])) == ("1m", 60)
    assert minutes["points"][0]["time"] == to_rfc3339(now - 3_600_000)
    assert minutes["points"][0]["response_time_p95_ms"] == pytest.approx(60)
    assert day["resolution"] == "1h"
    assert sum(point["interactions"] for point in day["points"]) == 120
    assert max(point["response_time_max_ms"] for point in day["points"]) == 120.0
    assert refused.status_code == 422


def test_an_average_is_a_number_whatever_agents_report(query_api: QueryApiProcess, rows: FleetRows) -> None:
    ref = AgentRef("default", "series-braggart")
    largest = sys.float_info.max
    now = int(datetime.now(UTC).timestamp() * 1000)
    report = MetricsRow(interactions=1, response_time_ms=largest)
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        rows.telemetry(Kind.METRICS, ref, [report, report], now)
        series = client.get(f"/api/v1/agents/{ref.agent_id}/metrics/series", params={"resolution": "1h"})
    assert [point["response_time_avg_ms"] for point in series.json()["points"]] == [largest]
