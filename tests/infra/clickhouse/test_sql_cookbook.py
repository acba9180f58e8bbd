"""Every question of docs/sql-cookbook.md is asked of a fleet that is known, and has an answer."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.block import Kind
from schemas.derived import (
    AgentStatus,
    Alert,
    AlertState,
    DerivedData,
    OnlineStatus,
    PolicyViolation,
    Reason,
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
from schemas.tables import DATABASE
from schemas.timestamps import to_rfc3339
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.fleet_rows import FleetRows

PAGE = (Path(__file__).parents[3] / "docs" / "sql-cookbook.md").read_text()
REF = AgentRef("default", "scout-1")
NOW = time.time_ns() // 1_000_000


def recipes() -> list[tuple[str, str]]:
    """Each question, and the SQL below it."""
    return re.findall(r"^### (\d+\. .+?)\n.*?```sql\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    """With all tables and views, and something of everything that the questions look for."""
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("cookbook")).with_data(migrated_data).start()
    rows = FleetRows(front)
    rows.telemetry(Kind.EVENT, REF, _a_run(), NOW)
    rows.telemetry(
        Kind.LOG, REF, [LogRow(level=LogLevel.ERROR, message="failed: Upstream has timed out")], NOW
    )
    money = CostRow(
        metric_type=CostMetric.TOKENS_IN,
        amount="100",
        cost="0.25",
        currency="EUR",
        model="m",
        cost_center="c",
    )
    rows.telemetry(Kind.COST, REF, [money], NOW)
    for seconds_ago, data in _derived():
        rows.derived(data, NOW - seconds_ago * 1000)
    yield front
    assert front.stop() == 0, front.log


def _a_run() -> list[EventRow]:
    run = "run-1"
    return [
        EventRow(event_type=EventType.RUN_START, run_id=run),
        EventRow(
            event_type=EventType.TOOL_CALL, run_id=run, tool_name="search", success=False, latency_ms=30.0
        ),
        EventRow(event_type=EventType.RUN_END, run_id=run, success=False),
    ]


def _derived() -> list[tuple[int, DerivedData]]:
    def score(value: float) -> TrustScore:
        return TrustScore(
            tenant_id=REF.tenant_id,
            agent_id=REF.agent_id,
            score=value,
            level=TrustLevel.WATCH,
            status=TrustStatus.ACTIVE,
            confidence=0.9,
            low=value - 5,
            high=value + 5,
            as_of=to_rfc3339(NOW),
            reasons=[Reason("failures", 20.0)],
            ceilings=[],
            reported_trust=99.0,
            claim_gap=99.0 - value,
        )

    def alert(name: str, state: AlertState, ended_at: str | None) -> Alert:
        return Alert(
            tenant_id=REF.tenant_id,
            agent_id=REF.agent_id,
            fingerprint=name,
            rule="silence",
            state=state,
            severity=Severity.HIGH,
            summary="silent",
            started_at=to_rfc3339(NOW - 60_000),
            ended_at=ended_at,
            evidence=[],
        )

    violation = PolicyViolation(
        tenant_id=REF.tenant_id,
        agent_id=REF.agent_id,
        rule="tool",
        severity=Severity.HIGH,
        source=ViolationSource.DETECTED,
        description="called payments",
        occurred_at=to_rfc3339(NOW),
        evidence=[],
    )
    return [
        (3, score(80.0)),
        (2, score(55.0)),
        (0, AgentStatus(REF.tenant_id, REF.agent_id, OnlineStatus.OFFLINE, "silence", to_rfc3339(NOW))),
        (1, alert("f1", AlertState.FIRING, None)),
        (1, alert("f2", AlertState.RESOLVED, to_rfc3339(NOW))),
        (1, violation),
    ]


def test_there_are_twenty_questions_numbered_in_order() -> None:
    assert [int(question.split(".")[0]) for question, _ in recipes()] == list(range(1, 21))
    assert PAGE.count("```sql") == 20


@pytest.mark.integration
@pytest.mark.parametrize(("question", "sql"), recipes(), ids=[question for question, _ in recipes()])
def test_a_question_is_answered(clickhouse: EmbeddedClickHouse, question: str, sql: str) -> None:
    answer = clickhouse.query(f"{sql} FORMAT TSVWithNames", database=DATABASE)
    assert len(answer.splitlines()) > 1, f"{question} found nothing"
