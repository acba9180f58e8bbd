"""The combined score: range, order, what successes cannot buy, and the rise limit."""

from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.derived import TrustStatus
from stream_processors.rules.agent import absorb_segment
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.elementary import exp_negative
from stream_processors.rules.evidence import decode_evidence
from stream_processors.rules.levels import LEVELS
from stream_processors.rules.outcomes import OutcomeState, read_outcomes
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.state import AgentState, ScoreState, encode_agent
from stream_processors.rules.trust_score import Costs, Measurement, in_tenths, measure, settle
from stream_processors.rules.violations import SEVERITIES
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    START,
    Log,
    Request,
    World,
    decision,
    event,
    heartbeat,
    log,
    violation,
)
from tests.stream_processors.rules.random_logs import EXAMPLES, logs

RISE_PER_HOUR = DEFAULTS.parameters.levels.rise_per_hour


def agents_after(records: list[Record]) -> list[AgentState]:
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
    return list(state.agents.values())


def measured_with(state: AgentState, row: msgspec.Struct | None, now: int) -> Measurement:
    """What is measured at once after one more row, on a copy; an agent heard anyway is the comparison."""
    copy = msgspec.msgpack.decode(encode_agent(state), type=AgentState)
    copy.clock = now
    copy.presence.last_seen = now
    if row is not None:
        (evidence,) = decode_evidence(Log().record(now, Request("a", [row])).block)
        absorb_segment(copy, DEFAULTS, evidence, Outputs(0, 0))
    return measure(copy, DEFAULTS, now)


def score_with(state: AgentState, row: msgspec.Struct | None, now: int) -> float:
    return measured_with(state, row, now).score


def test_costs_add_up() -> None:
    assert Costs(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0).total == 255.0


@settings(max_examples=EXAMPLES)
@given(logs(), st.integers(0, 400 * DAY))
def test_the_score_stays_in_range_and_looking_changes_nothing(records: list[Record], later: int) -> None:
    """Properties 1 and 4."""
    for state in agents_after(records):
        packed = encode_agent(state)
        measurement = measure(state, DEFAULTS, state.clock + later)
        assert 0.0 <= measurement.score <= measurement.raw <= 100.0
        assert all(getattr(measurement.costs, name) >= 0.0 for name in Costs.__struct_fields__)
        assert 0 <= in_tenths(state.score.value) <= 1000
        assert encode_agent(state) == packed


@settings(max_examples=EXAMPLES)
@given(logs())
def test_bad_news_never_raises_the_score_and_worse_news_never_less_low(records: list[Record]) -> None:
    """Properties 5 and 6."""
    for state in agents_after(records):
        now = state.clock
        heard = score_with(state, None, now) + 1e-6
        assert score_with(state, log("error"), now) <= heard
        assert score_with(state, heartbeat("error"), now) <= heard
        assert score_with(state, event("Outcome", success=False, span_id="s1"), now) <= heard
        assert score_with(state, event("ToolCall", success=False, tool_name="mail"), now) <= heard
        assert score_with(state, decision("denied"), now) <= heard
        reached = [score_with(state, violation(severity.value, "new"), now) for severity in SEVERITIES]
        assert reached[0] <= heard
        below_caps = state.violations.pressures[3] < 5.0 and state.violations.pressures[2] < 2.7
        if below_caps and state.violations.pressures[1] < 1.1:
            assert all(worse <= milder + 1e-6 for milder, worse in pairwise(reached))


@given(st.sampled_from(SEVERITIES), st.integers(1, 2000))
def test_no_number_of_successes_dilutes_a_violation(severity: str, successes: int) -> None:
    """Property 7."""
    world = World()
    world.send(violation(severity))
    world.send(*[log()] * successes)
    measurement = measure(world.state.agents["default/a"], DEFAULTS, world.now)
    assert measurement.raw <= 100.0 * exp_negative(measurement.costs.violations)


def plain(score: float, present: float | None = None) -> Measurement:
    """A measurement of which only the figures matter."""
    nothing = read_outcomes(OutcomeState(), DEFAULTS, START)
    costs = Costs(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    present = score if present is None else present
    return Measurement(nothing, costs, score, [], score, present, TrustStatus.ACTIVE)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, DAY)), min_size=1, max_size=40))
def test_the_published_value_falls_at_once_and_rises_slowly(history: list[tuple[float, int]]) -> None:
    """Property 13."""
    state, now = ScoreState(), START
    settle(state, DEFAULTS, plain(history[0][0]), now)
    for score, gap in history:
        now += gap
        before = state.value
        settle(state, DEFAULTS, plain(score), now)
        assert state.value <= score
        assert state.value <= before + RISE_PER_HOUR * gap / HOUR + 1e-9


def test_a_fall_into_restricted_slows_the_next_rise() -> None:
    state = ScoreState()
    settle(state, DEFAULTS, plain(90.0), START)
    settle(state, DEFAULTS, plain(40.0), START)
    settle(state, DEFAULTS, plain(90.0), START + HOUR)
    assert state.strikes == 1.0
    assert abs(state.value - (40.0 + RISE_PER_HOUR / 2)) < 0.1


def test_who_was_only_absent_stands_where_it_stood() -> None:
    state = ScoreState()
    settle(state, DEFAULTS, plain(90.0), START)
    settle(state, DEFAULTS, plain(49.0, present=89.0), START + HOUR)
    assert (state.value, LEVELS[state.shown], state.strikes) == (49.0, "restricted", 0.0)
    settle(state, DEFAULTS, plain(88.0), START + HOUR)
    assert (state.value, LEVELS[state.shown]) == (88.0, "trusted")


def test_absence_hides_no_fall() -> None:
    state = ScoreState()
    settle(state, DEFAULTS, plain(40.0), START)
    settle(state, DEFAULTS, plain(30.0, present=95.0), START + HOUR)
    settle(state, DEFAULTS, plain(95.0), START + 2 * HOUR)
    assert state.value == 40.0 + 2 * RISE_PER_HOUR
