"""The properties that the model promises as a whole; those of a single rule stand with that rule.

By the numbers of docs/trust.md: 1, 4, 5, 6, 7 and 13 in test_trust_score, 2 and 10 in test_partition, 8 in
test_decay, 11 in test_reasons, 12 in test_levels, 15 in test_state, 16 in test_violations, 18 in
test_outcomes; the others here.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.derived import DerivedEvent, Spend
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.confidence import confidence
from stream_processors.rules.evidence import CLASSES, outcome_class
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.state import encode_agent
from stream_processors.rules.trust_score import measure
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Log,
    Request,
    World,
    cost,
    event,
    heartbeat,
    log,
    metrics,
    violation,
)
from tests.stream_processors.rules.random_logs import EXAMPLES, SEVERITIES

# A multiple of every half-life of the defaults.
ALL_HALF_LIVES = 42 * DAY

# A tool for each class.
TOOLS = {outcome_class(f"tool-{number}"): f"tool-{number}" for number in range(200)}


def absorbed(records: Sequence[Record]) -> tuple[PartitionState, list[DerivedEvent]]:
    state = PartitionState(0)
    events = [found for record in records for found in state.absorb(record)]
    # Totals are by calendar days, which do not shift with the rest.
    return state, [found for found in events if not isinstance(found.data, Spend)]


@settings(max_examples=EXAMPLES)
@given(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), st.integers(0, 3 * HOUR))
def test_3_what_an_agent_says_of_itself_changes_nothing_else(claims: tuple[float, float], gap: int) -> None:
    packed = []
    for claim in claims:
        made = Log()
        state, _ = absorbed(
            [
                made.record(START, Request("a", [log(), log("error")])),
                made.record(START + gap, Request("a", [metrics(claim)])),
                made.tick(START + gap + HOUR),
            ]
        )
        agent = state.agents["default/a"]
        assert agent.reported_trust == claim
        packed.append(encode_agent(msgspec.structs.replace(agent, reported_trust=None)))
    assert packed[0] == packed[1]


@given(st.lists(st.booleans(), min_size=CLASSES, max_size=CLASSES), st.permutations(range(CLASSES)))
def test_9_events_of_one_moment_and_of_different_tools_commute(
    successes: list[bool], order: list[int]
) -> None:
    """Within a class, between a claim and its outcome, and in the sequential tests the order counts."""
    rows = [event("ToolCall", success=s, tool_name=TOOLS[n]) for n, s in enumerate(successes)]
    found = []
    for arranged in (rows, [rows[place] for place in order]):
        state, _ = absorbed([Log().record(START, Request("a", arranged))])
        outcomes = state.agents["default/a"].outcomes
        found.append([*outcomes.class_evidence, outcomes.slow_successes, outcomes.slow_failures])
    assert found[0] == pytest.approx(found[1], abs=1e-12)


STEPS = st.tuples(
    st.sampled_from([0, SECOND, 30 * SECOND, MINUTE, 20 * MINUTE, 5 * HOUR, 3 * DAY]),
    st.sampled_from(["tick", "tick", "beat", "info", "error", "late", "call", "cost", "violation"]),
    SEVERITIES,
)


def made_of(steps: list[tuple[int, str, str]], start: int) -> list[Record]:
    made, now, records = Log(), start, []
    for gap, what, severity in steps:
        now += gap
        rows: dict[str, msgspec.Struct] = {
            "beat": heartbeat(),
            "info": log(),
            "error": log("error"),
            "late": log("info", now - HOUR),
            "call": event("ToolCall", success=True, latency_ms=20.0, span_id="s"),
            "cost": cost(3.5),
            "violation": violation(severity, "r", now - MINUTE),
        }
        row = rows.get(what)
        records.append(made.tick(now) if row is None else made.record(now, Request("a", [row])))
    return records


def timeless(events: list[DerivedEvent]) -> list[dict[str, object]]:
    """What events say, but for when."""
    times = {"started_at", "ended_at", "occurred_at", "first_seen_at", "last_seen_at", "as_of"}
    said = [msgspec.structs.asdict(event.data) for event in events]
    return [{name: value for name, value in data.items() if name not in times} for data in said]


@settings(max_examples=EXAMPLES)
@given(st.lists(STEPS, max_size=40))
def test_14_a_shift_by_a_multiple_of_all_half_lives_shifts_the_outputs(
    steps: list[tuple[int, str, str]],
) -> None:
    state, events = absorbed(made_of(steps, START))
    later, shifted = absorbed(made_of(steps, START + ALL_HALF_LIVES))
    assert timeless(events) == timeless(shifted)
    assert [e.time + ALL_HALF_LIVES for e in events] == [e.time for e in shifted]
    for key, agent in state.agents.items():
        assert later.agents[key].score.value == agent.score.value


@settings(max_examples=EXAMPLES)
@given(st.lists(st.integers(0, 30 * DAY), min_size=2, max_size=10), st.integers(1, 20))
def test_17_silence_lowers_confidence_and_the_score_of_whom_work_speaks_for(
    waits: list[int], minutes: int
) -> None:
    world = World()
    world.live(minutes * MINUTE, of=20)
    agent = world.state.agents["default/a"]
    measured = [measure(agent, DEFAULTS, world.now + wait) for wait in sorted(waits)]
    for earlier, later in pairwise(measured):
        assert confidence(later.outcomes.evidence) <= confidence(earlier.outcomes.evidence)
        assert later.raw <= earlier.raw + 1e-9
