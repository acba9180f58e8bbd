"""Views: the files are the registry's, and what they show of rows that are known."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from infra.clickhouse.views import ViewFile, checksum, load_views
from schemas.block import Kind
from schemas.derived import (
    AgentStatus,
    Alert,
    AlertState,
    DerivedData,
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
from schemas.messages.heartbeat import HeartbeatRow
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.values import AgentHealth, LogLevel, Severity
from schemas.tables import DATABASE, ROLLED_UP, Resolution, Table, roll_up
from schemas.timestamps import to_rfc3339
from schemas.views import ROWS, View
from schemas.webhooks import DeliveryOutcome, WebhookDelivery
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.fleet_rows import FleetRows

REF = AgentRef("acme", "agent-7")
NOW = time.time_ns() // 1_000_000


def at(seconds_ago: float) -> str:
    return to_rfc3339(NOW - int(seconds_ago * 1000))


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    """With all tables and views, and one agent's day."""
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("views")).with_data(migrated_data).start()
    _put_a_day(FleetRows(front))
    yield front
    assert front.stop() == 0, front.log


def _put_a_day(rows: FleetRows) -> None:
    rows.telemetry(Kind.HEARTBEAT, REF, [HeartbeatRow(status=AgentHealth.ACTIVE)], NOW)
    rows.telemetry(
        Kind.METRICS,
        REF,
        [
            MetricsRow(interactions=3, response_time_ms=10.0),
            MetricsRow(interactions=4, response_time_ms=20.0),
        ],
        NOW,
    )
    rows.telemetry(
        Kind.LOG,
        REF,
        [LogRow(level=LogLevel.ERROR, message="no"), LogRow(level=LogLevel.INFO, message="yes")],
        NOW,
    )
    steps = [
        EventRow(event_type=EventType.RUN_START, run_id="run-1"),
        EventRow(
            event_type=EventType.TOOL_CALL, run_id="run-1", tool_name="search", success=True, latency_ms=10.0
        ),
        EventRow(
            event_type=EventType.TOOL_CALL,
            run_id="run-1",
            tool_name="search",
            success=False,
            error_type="timeout",
            latency_ms=30.0,
        ),
        EventRow(
            event_type=EventType.MODEL_CALL, run_id="run-1", model="m", input_tokens=100, output_tokens=20
        ),
        EventRow(event_type=EventType.OUTCOME, run_id="run-1", message="found"),
        EventRow(event_type=EventType.RUN_END, run_id="run-1", success=True),
    ]
    rows.telemetry(Kind.EVENT, REF, steps, NOW)
    entries = [
        CostRow(metric_type=CostMetric.TOOL_COST, amount="0.5", currency="EUR", project_id="p"),
        CostRow(metric_type=CostMetric.TOKENS_IN, amount="100", cost="0.25", currency="EUR", project_id="p"),
        CostRow(metric_type=CostMetric.TOKENS_OUT, amount="20", model="m"),
    ]
    rows.telemetry(Kind.COST, REF, entries, NOW)
    for data, moment in _derived():
        for _ in range(2):  # at-least-once delivery
            rows.derived(data, moment, event_id=f"{type(data).__name__}-{moment}")


def _derived() -> list[tuple[DerivedData | WebhookDelivery, int]]:
    def alert(state: AlertState, ended_at: str | None) -> Alert:
        return Alert(
            REF.tenant_id, REF.agent_id, "f1", "silence", state, Severity.HIGH, "silent", at(90), ended_at, []
        )

    def score(value: float, as_of: float) -> TrustScore:
        return TrustScore(
            REF.tenant_id,
            REF.agent_id,
            value,
            TrustLevel.GOOD,
            TrustStatus.ACTIVE,
            0.9,
            value - 5,
            value + 5,
            at(as_of),
            [],
            [],
        )

    delivery = WebhookDelivery(
        tenant_id=REF.tenant_id,
        agent_id=REF.agent_id,
        webhook_id="w",
        notification_id="n",
        event_type="t",
        attempt=1,
        outcome=DeliveryOutcome.DELIVERED,
        http_status=200,
        error="",
        duration_ms=5,
        retry_at=None,
    )
    status = AgentStatus(REF.tenant_id, REF.agent_id, OnlineStatus.ONLINE, "heartbeat", at(50))
    violation = PolicyViolation(
        REF.tenant_id, REF.agent_id, "tool", Severity.HIGH, ViolationSource.REPORTED, "called", at(20), ["e"]
    )
    return [
        (score(80.0, 70), NOW - 70_000),
        (score(70.0, 60), NOW - 60_000),
        (status, NOW - 50_000),
        (alert(AlertState.FIRING, None), NOW - 40_000),
        (violation, NOW - 20_000),
        (delivery, NOW - 10_000),
    ]


def shown(clickhouse: EmbeddedClickHouse, view: View, columns: str) -> list[dict[str, object]]:
    text = clickhouse.query(
        f"SELECT {columns} FROM {DATABASE}.{view} WHERE tenant_id = {{tenant:String}} ORDER BY ALL"  # noqa: S608 - constants
        " FORMAT JSONEachRow",
        param_tenant=REF.tenant_id,
        output_format_json_quote_64bit_integers=0,
    )
    return [orjson.loads(line) for line in text.splitlines()]


def test_the_files_are_the_registrys_views() -> None:
    assert (
        {view.name for view in load_views()} == {str(view) for view in View} == {str(view) for view in ROWS}
    )


@pytest.mark.parametrize("view", load_views(), ids=lambda view: view.name)
def test_each_file_says_why_and_replaces_its_view_by_one_over_tables(view: ViewFile) -> None:
    assert re.match(rf"-- .+\.\nCREATE OR REPLACE VIEW {view.name} AS\n", view.sql)
    assert set(re.findall(r"FROM (\w+)", view.sql)) <= {str(table) for table in Table} | {
        roll_up(table, resolution) for table in ROLLED_UP for resolution in Resolution
    }
    assert view.sql.count(";\n") == 1


def test_a_changed_view_changes_the_checksum(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("SELECT 1")
    before = checksum(load_views(tmp_path))
    (tmp_path / "a.sql").write_text("SELECT 2")
    assert checksum(load_views(tmp_path)) != before


@pytest.mark.integration
@pytest.mark.parametrize("view", View)
def test_a_view_reads_a_tenants_and_an_agents_rows_by_the_sort_key(
    clickhouse: EmbeddedClickHouse, view: View
) -> None:
    condition = "tenant_id = 'acme' AND agent_id = 'agent-7'"
    plan = clickhouse.query(f"EXPLAIN indexes = 1 SELECT * FROM {DATABASE}.{view} WHERE {condition}")  # noqa: S608 - constants
    reads = plan.split("ReadFromMergeTree")[1:]
    assert reads
    for read in reads:
        assert re.search(r"PrimaryKey\W+Keys:\W+tenant_id", read), read


@pytest.mark.integration
def test_copies_of_derived_events_show_once(clickhouse: EmbeddedClickHouse) -> None:
    assert clickhouse.query(f"SELECT count() FROM {DATABASE}.{Table.TRUST_SCORES}").strip() == "4"  # noqa: S608 - constants
    assert [row["score"] for row in shown(clickhouse, View.TRUST_TIMELINE, "time, score")] == [80, 70]
    for view in (View.VIOLATIONS, View.ALERT_CHANGES, View.STATUS_CHANGES, View.WEBHOOK_ATTEMPTS):
        assert len(shown(clickhouse, view, "*")) == 1, view


@pytest.mark.integration
def test_an_alert_stands_as_its_newest_change(clickhouse: EmbeddedClickHouse) -> None:
    columns = "fingerprint, state, severity, summary, agent_id"
    assert shown(clickhouse, View.CURRENT_ALERTS, columns) == [
        {
            "fingerprint": "f1",
            "state": "firing",
            "severity": "high",
            "summary": "silent",
            "agent_id": REF.agent_id,
        }
    ]


@pytest.mark.integration
def test_fleet_health_is_an_agents_state_and_day(clickhouse: EmbeddedClickHouse) -> None:
    [health] = shown(clickhouse, View.FLEET_HEALTH, "* EXCEPT last_seen_at")
    assert health == {
        "tenant_id": "acme",
        "agent_id": "agent-7",
        "status": "online",
        "status_reason": "heartbeat",
        "trust": 70,
        "trust_level": "good",
        "open_alerts": 1,
        "violations_24h": 1,
        "calls_24h": 3,
        "failures_24h": 1,
        "log_errors_24h": 1,
    }


@pytest.mark.integration
def test_money_is_what_tools_cost_and_what_was_billed(clickhouse: EmbeddedClickHouse) -> None:
    columns = "agent_id, project_id, currency, toString(spent) AS spent, entries"
    assert shown(clickhouse, View.SPEND_BY_AGENT_DAY, columns) == [
        {"agent_id": "agent-7", "project_id": "p", "currency": "EUR", "spent": "0.75", "entries": 2}
    ]
    columns = "model, toString(tokens_in) AS tokens_in, toString(tokens_out) AS tokens_out"
    assert shown(clickhouse, View.TOKENS_BY_MODEL_DAY, columns) == [
        {"model": "", "tokens_in": "100", "tokens_out": "0"},
        {"model": "m", "tokens_in": "0", "tokens_out": "20"},
    ]


@pytest.mark.integration
def test_a_run_is_a_row(clickhouse: EmbeddedClickHouse) -> None:
    columns = "* EXCEPT (started_at, last_event_at, duration_ms)"
    assert shown(clickhouse, View.AGENT_RUNS, columns) == [
        {
            "tenant_id": "acme",
            "agent_id": "agent-7",
            "run_id": "run-1",
            "events": 6,
            "tool_calls": 2,
            "model_calls": 1,
            "failures": 1,
            "tokens_in": 100,
            "tokens_out": 20,
            "ended": 1,
            "succeeded": True,
            "outcome": "found",
        }
    ]


@pytest.mark.integration
def test_hours_count_calls_errors_logs_and_reports(clickhouse: EmbeddedClickHouse) -> None:
    calls = shown(clickhouse, View.AGENT_CALLS_BY_HOUR, "tool_name, model, calls, failures, latency_avg_ms")
    assert calls == [
        {"tool_name": "", "model": "m", "calls": 1, "failures": 0, "latency_avg_ms": None},
        {"tool_name": "search", "model": "", "calls": 2, "failures": 1, "latency_avg_ms": 20},
    ]
    assert shown(clickhouse, View.AGENT_ERRORS_BY_HOUR, "source, error_type, errors") == [
        {"source": "event", "error_type": "timeout", "errors": 1},
        {"source": "log", "error_type": "", "errors": 1},
    ]
    assert shown(clickhouse, View.LOGS_BY_HOUR, "level, entries, governance_events") == [
        {"level": "error", "entries": 1, "governance_events": 0},
        {"level": "info", "entries": 1, "governance_events": 0},
    ]
    assert shown(clickhouse, View.METRICS_BY_HOUR, "reports, interactions, response_time_avg_ms") == [
        {"reports": 2, "interactions": 7, "response_time_avg_ms": 15}
    ]
