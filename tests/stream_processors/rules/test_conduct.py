"""Each kind of rows reaches the components that it speaks to, and no state is made for what was not sent."""

from collections.abc import Sequence

import msgspec

from stream_processors.rules.state import AgentState
from tests.stream_processors.rules.log_builder import (
    World,
    cost,
    decision,
    event,
    heartbeat,
    log,
    metrics,
)


def after(*requests: Sequence[msgspec.Struct]) -> AgentState:
    world = World()
    for rows in requests:
        world.send(*rows)
    return world.state.agents["default/a"]


def test_logs_and_heartbeats_are_outcomes_of_classes_of_their_own() -> None:
    state = after([log()], [heartbeat("error")], [heartbeat("active")])
    assert sum(evidence > 0.0 for evidence in state.outcomes.class_evidence) == 2
    assert (state.outcomes.slow_successes, state.outcomes.slow_failures) == (0.5, 0.5)


def test_metrics_say_only_what_the_agent_thinks_of_itself() -> None:
    state = after([metrics(0.9), metrics(0.7)])
    assert state.reported_trust == 0.7
    assert state.outcomes.slow_successes == 0.0


def test_events_reach_outcomes_latency_decisions_and_veracity() -> None:
    rows = [
        decision("allow"),
        event("ToolCall", success=True, latency_ms=5.0, span_id="s", tool_name="search"),
        event("Outcome", success=True, span_id="s", tool_name="search"),
    ]
    state = after(rows, rows)
    assert state.outcomes.slow_successes > 1.0
    assert state.latency is not None
    assert state.latency.calls == 1
    assert state.decisions is not None
    assert state.decisions.allowed > 1.0
    assert state.veracity is not None
    assert state.veracity.confirmed > 0.0


def test_costs_reach_spending() -> None:
    state = after([cost(12.5)])
    assert state.spending is not None
    (spent,) = [spent for spent in state.spending.by_metric if spent is not None]
    assert spent.usual == 12.5


def test_what_was_never_sent_has_no_state() -> None:
    state = after([log()], [heartbeat()], [metrics(None)])
    assert (state.decisions, state.veracity, state.latency, state.spending) == (None, None, None, None)
    assert after([event("Span")]).latency is None
