"""What agents report is what the contract takes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo import payloads
from infra.demo.jobs import Done, HashFile, Refused, RunQuery
from schemas.messages.event import EventType
from schemas.messages.registry import REPORT_ROUTES
from schemas.messages.values import AgentHealth, Severity

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ROUTES = {route.name: route for route in REPORT_ROUTES}

texts = st.text(max_size=400)
numbers = st.floats(0, 1e6)
done = st.builds(
    Done,
    st.just(HashFile(Path("/a"))),
    st.booleans(),
    numbers,
    texts,
    st.dictionaries(texts, numbers | texts),
)
refused = st.builds(Refused, st.builds(RunQuery, texts), st.just("rule"), st.sampled_from(Severity), texts)


def row_of(route: str, payload: payloads.Payload) -> Any:  # noqa: ANN401 - a row of any kind
    """The row that the gateway would make."""
    decoded = msgspec.json.decode(orjson.dumps(payload), type=ROUTES[route].payload)
    return ROUTES[route].to_row(decoded)


@given(st.sampled_from(AgentHealth), numbers)
def test_heartbeats_fit_the_contract(health: AgentHealth, uptime: float) -> None:
    row = row_of(payloads.HEARTBEAT, payloads.heartbeat("agent-7", health, uptime, NOW))
    assert (row.status, row.timestamp) == (health, NOW)


@given(st.lists(numbers, max_size=50), numbers)
def test_metrics_carry_true_counts_and_no_claim(milliseconds: list[float], uptime: float) -> None:
    row = row_of(payloads.METRICS, payloads.metrics("agent-7", milliseconds, uptime, NOW))
    assert row.interactions == len(milliseconds)
    assert row.reported_trust is None
    assert row.violations_count == 0
    if milliseconds:
        assert min(milliseconds) - 0.001 <= row.response_time_ms <= max(milliseconds) + 0.001


@given(done)
def test_results_are_logged_as_they_are(result: Done) -> None:
    row = row_of(payloads.LOG, payloads.log_of_done("agent-7", result, NOW))
    assert row.level == ("info" if result.succeeded else "error")
    assert row.message == result.message
    assert not row.governance_event


@given(refused)
def test_a_refusal_is_a_governance_event_and_a_violation(refusal: Refused) -> None:
    log = row_of(payloads.LOG, payloads.log_of_refused("agent-7", refusal, NOW))
    violation = row_of(payloads.VIOLATION, payloads.violation("agent-7", refusal, NOW))
    assert (log.level, log.governance_event) == ("warn", True)
    assert (violation.violation_type, violation.severity) == ("rule", refusal.severity)
    assert violation.timestamp == NOW


@given(done)
def test_a_job_is_a_tool_call_with_its_end_and_a_cost(result: Done) -> None:
    event = row_of(payloads.EVENT, payloads.tool_call("agent-7", result, NOW))
    assert (event.event_type, event.run_id, event.tool_name) == ("ToolCall", "agent-7", "hash")
    assert event.success is result.succeeded
    assert abs(event.latency_ms - result.milliseconds) <= 0.001
    assert event.message == ("" if result.succeeded else result.message)
    cost = row_of(payloads.COST, payloads.cost("agent-7", result, NOW))
    assert (cost.metric_type, cost.run_id) == ("compute_seconds", "agent-7")
    assert abs(float(cost.amount) * 1000 - result.milliseconds) <= 0.001


@given(refused)
def test_a_refusal_is_a_decision(refusal: Refused) -> None:
    event = row_of(payloads.EVENT, payloads.denied_call("agent-7", refusal, NOW))
    assert (event.event_type, event.decision, event.message) == ("Decision", "DENY", refusal.description)


@pytest.mark.parametrize("event_type", [EventType.RUN_START, EventType.RUN_END])
def test_a_run_begins_and_ends(event_type: EventType) -> None:
    event = row_of(payloads.EVENT, payloads.run_event("agent-7", event_type, NOW))
    assert (event.event_type, event.run_id, event.timestamp) == (event_type, "agent-7", NOW)


@pytest.mark.parametrize(
    ("latest", "health"),
    [
        ([], AgentHealth.ACTIVE),
        ([False], AgentHealth.ERROR),
        ([True, False], AgentHealth.ACTIVE),
        ([True, True, False, False, False], AgentHealth.ERROR),
        ([True, True, True, False, False], AgentHealth.ACTIVE),
    ],
)
def test_health_is_what_most_of_the_latest_jobs_say(latest: list[bool], health: AgentHealth) -> None:
    assert payloads.health_of(latest) is health
