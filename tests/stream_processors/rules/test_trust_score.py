"""The combined score: range, order, what successes cannot buy, and the rise limit."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_processors.rules.agent import absorb_segment
from stream_processors.rules.elementary import exp_negative
from stream_processors.rules.evidence import decode_evidence
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.state import AgentState, ScoreState, encode_agent
from stream_processors.rules.trust_score import RISE_PER_HOUR, combine, in_tenths, measure, settle
from stream_processors.rules.violations import SEVERITIES
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    START,
    Log,
    Request,
    World,
    heartbeat,
    log,
    violation,
)
from tests.stream_processors.rules.random_logs import EXAMPLES, logs


def agents_after(records: list[Record]) -> list[AgentState]:
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
    return list(state.agents.values())


def score_with(state: AgentState, row: msgspec.Struct | None, now: int) -> float:
    """The score at once after one more row, on a copy; an agent that is heard anyway is the comparison."""
    copy = msgspec.msgpack.decode(encode_agent(state), type=AgentState)
    copy.clock = now
    copy.presence.last_seen = now
    if row is not None:
        (evidence,) = decode_evidence(Log().record(now, Request("a", [row])).block)
        absorb_segment(copy, evidence, Outputs(0, 0))
    return measure(copy, now).score


@pytest.mark.parametrize(
    ("ratio", "score"), [(1.0, 100.0), (0.95, 92.6), (0.9, 85.4), (0.8, 71.6), (0.5, 35.4)]
)
def test_the_exponent_gives_the_documented_scores(ratio: float, score: float) -> None:
    assert combine(ratio, 0.0) == pytest.approx(score, abs=0.05)


@settings(max_examples=EXAMPLES)
@given(logs(), st.integers(0, 400 * DAY))
def test_the_score_stays_in_range_and_looking_changes_nothing(records: list[Record], later: int) -> None:
    for state in agents_after(records):
        packed = encode_agent(state)
        measurement = measure(state, state.clock + later)
        assert 0.0 <= measurement.score <= measurement.raw <= 100.0
        assert 0 <= in_tenths(state.score.value) <= 1000
        assert encode_agent(state) == packed


@settings(max_examples=EXAMPLES)
@given(logs())
def test_bad_news_never_raises_the_score_and_worse_news_never_less_low(records: list[Record]) -> None:
    for state in agents_after(records):
        now = state.clock
        heard = score_with(state, None, now) + 1e-9
        assert score_with(state, log("error"), now) <= heard
        assert score_with(state, heartbeat("error"), now) <= heard
        reached = [score_with(state, violation(severity.value, "new"), now) for severity in SEVERITIES]
        assert reached[0] <= heard
        below_caps = state.violations.pressures[3] < 5.0 and state.violations.pressures[2] < 2.7
        if below_caps and state.violations.pressures[1] < 1.1:
            assert all(worse <= milder + 1e-9 for milder, worse in pairwise(reached))


@given(st.sampled_from(SEVERITIES), st.integers(1, 2000))
def test_no_number_of_successes_dilutes_a_violation(severity: str, successes: int) -> None:
    world = World()
    world.send(violation(severity))
    world.send(*[log()] * successes)
    measurement = measure(world.state.agents["default/a"], world.now)
    assert measurement.raw <= 100.0 * exp_negative(measurement.pressure)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, DAY)), min_size=1, max_size=40))
def test_the_published_value_falls_at_once_and_rises_slowly(history: list[tuple[float, int]]) -> None:
    state, now = ScoreState(), START
    settle(state, history[0][0], now)
    for score, gap in history:
        now += gap
        before = state.value
        settle(state, score, now)
        assert state.value <= score
        assert state.value <= before + RISE_PER_HOUR * gap / HOUR + 1e-9


def test_a_fall_into_restricted_slows_the_next_rise() -> None:
    state = ScoreState()
    settle(state, 90.0, START)
    settle(state, 40.0, START)
    settle(state, 90.0, START + HOUR)
    assert state.strikes == 1.0
    assert state.value == pytest.approx(40.0 + RISE_PER_HOUR / 2, rel=1e-3)
