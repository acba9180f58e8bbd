"""Each kind of row is counted where its rule reads it, and nowhere else."""

import pytest

from alert_engine.agent_alerts import AgentAlerts
from alert_engine.counters import (
    CRITICALS,
    DENIED,
    EVENTS,
    FAILURES,
    LOG_ERRORS,
    MONEY,
    OUTCOMES,
    SLOW,
    TOKENS,
    VIOLATIONS,
)
from alert_engine.watch import NOBODY
from schemas.policy import PolicyTerms
from stream_processors.rules.tallies import begin_tally
from tests.stream_processors.rules.log_builder import (
    SECOND,
    World,
    cost,
    decision,
    event,
    heartbeat,
    log,
    violation,
)


def known() -> World:
    """An agent whose first event is past: it changes status and level, which are looked at at once."""
    world = World()
    world.send(log())
    world.now += 6 * SECOND
    return world


def tallied(world: World) -> AgentAlerts:
    found = world.state.agents["default/a"].alerts
    assert found is not None
    return found


def counters(world: World) -> dict[int, int]:
    return {place: amount for place, amount in enumerate(tallied(world).tally.counters) if amount}


def test_logs_and_heartbeats() -> None:
    world = known()
    world.send(log("error"), log(), log("warn"), log("error"))
    assert counters(world) == {EVENTS: 4, LOG_ERRORS: 2}
    assert [seq for _, seq in tallied(world).evidence[LOG_ERRORS]] == [3]
    world.send(heartbeat())
    assert counters(world) == {EVENTS: 5, LOG_ERRORS: 2}


def test_events() -> None:
    world = known()
    world.send(
        event(success=True, latency_ms=100.0),
        event(success=False, latency_ms=90.0),
        event("Error", error_type="timeout"),
        event("RunEnd", success=True),
        event("Span"),
        decision("deny"),
        decision("allow"),
    )
    assert counters(world) == {EVENTS: 7, OUTCOMES: 4, FAILURES: 2, DENIED: 1}
    durations = tallied(world).tally.durations
    assert durations is not None
    assert sum(durations.values()) == 1


def test_many_calls_of_one_request_are_sampled_evenly() -> None:
    world = known()
    world.send(*[event(success=True, latency_ms=10.0 + number) for number in range(100)])
    durations = tallied(world).tally.durations
    assert durations is not None
    assert 10 <= sum(durations.values()) <= 16
    assert SLOW not in tallied(world).evidence


def test_costs() -> None:
    world = known()
    world.send(
        cost(200, "tokens_in"),
        cost("50", "tokens_out", currency="USD", cost="0.5"),
        cost("1.25", "tool_cost", currency="USD"),
        cost("9", "tool_cost", currency="EUR"),
        cost(3, "compute_seconds"),
    )
    assert counters(world) == {EVENTS: 5, TOKENS: 250}
    assert tallied(world).tally.money == {"spend/USD": 1_750_000}
    assert [seq for _, seq in tallied(world).evidence[MONEY]] == [3]


def test_violations_reported_and_detected() -> None:
    world = known()
    world.send(violation("low"), violation("high"))
    assert counters(world) == {EVENTS: 2, VIOLATIONS: 2}
    world = known()
    world.put(world.log.policy(world.now, 1, PolicyTerms(allowed_tools=())))
    world.send(event(tool_name="x"), event(tool_name="x"))
    found = tallied(world)
    carried = found.series.get("violations/25000")
    assert found.tally.counters[VIOLATIONS] + (sum(carried.sums) if carried else 0) == 2
    # A critical one is looked at at once, which carries the tally over.
    world.send(violation("critical"))
    assert counters(world) == {}
    assert tallied(world).evidence[CRITICALS]


def test_what_was_counted_in_another_grain_is_carried_over() -> None:
    world = known()
    world.send(log("error"))
    world.now += 6 * SECOND
    world.send(log())
    assert counters(world) == {EVENTS: 1}
    assert tallied(world).series["log_errors/25000"].sums == [1]


@pytest.mark.parametrize("rows", [1, 7])
def test_all_rows_count_as_events(rows: int) -> None:
    alerts = AgentAlerts()
    begin_tally(alerts, NOBODY, 10**12, rows)
    assert alerts.tally.counters[EVENTS] == rows


def test_of_evidence_the_newest_is_kept() -> None:
    world = known()
    for _ in range(9):
        world.send(log("error"))
    kept = tallied(world).evidence[LOG_ERRORS]
    assert len(kept) == 5
    assert kept == sorted(kept)
