"""R: priors, two windows, saturation and late evidence."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.context import Context
from stream_processors.rules.judging import FIRST, Judged
from stream_processors.rules.outcomes import (
    IN_TIME,
    MAX_AGE,
    MAX_FAILURE_AGE,
    OutcomeReading,
    OutcomeState,
    absorb_outcomes,
    ratio_cost,
    read_outcomes,
)
from tests.stream_processors.rules.log_builder import DAY, HOUR, MINUTE, START

BATCH = bytes(16)

outcomes = st.lists(st.booleans(), max_size=50)


def judged(successes: list[bool], happened: int | None = None) -> list[Judged]:
    moment = None if happened is None else datetime.fromtimestamp(happened / 1000, UTC)
    return [(seq, 0, success, 0.5, FIRST, moment) for seq, success in enumerate(successes)]


def fed(successes: list[bool], *, now: int = START, happened: int | None = None) -> OutcomeState:
    state = OutcomeState(at=START)
    absorb_outcomes(state, Context(DEFAULTS, now, BATCH), judged(successes, happened))
    return state


def read(state: OutcomeState, now: int = START) -> OutcomeReading:
    return read_outcomes(state, DEFAULTS, now)


def test_without_evidence_there_is_the_prior_and_nothing_else_to_blame() -> None:
    nothing = read(OutcomeState())
    assert nothing.ratio == pytest.approx(0.8)
    assert (nothing.evidence, nothing.prior_share) == (0.0, 1.0)


def test_the_first_event_weighs_half_because_it_is_self_reported() -> None:
    state = fed([True])
    assert (state.fast_successes, state.slow_successes, state.slow_failures) == (0.5, 0.5, 0.0)


def test_the_last_failure_is_remembered_as_the_event() -> None:
    assert fed([True]).last_failure is None
    failure = fed([True, False, True]).last_failure
    assert failure is not None
    assert failure.seq == 1


def test_weights_and_the_ratio_before_are_told() -> None:
    weighed = absorb_outcomes(OutcomeState(at=START), Context(DEFAULTS, START, BATCH), judged([True] * 3))
    assert weighed.slow_ratio == pytest.approx(0.8)
    assert weighed.weights == [1.0, 10 / 10.5, 10 / 11]


def test_a_flood_of_successes_gains_little_over_a_few() -> None:
    assert read(fed([True] * 3600)).evidence < 3.0 * read(fed([True] * 100)).evidence


def test_successes_and_failures_of_one_class_saturate_alike() -> None:
    nine_in_ten = [True] * 9 + [False]
    busy, quiet = read(fed(nine_in_ten * 51)), read(fed(nine_in_ten * 3))
    assert abs((1 - busy.slow_ratio) - (1 - quiet.slow_ratio)) < 0.05


def test_the_fast_window_notices_and_the_slow_one_remembers() -> None:
    state = OutcomeState(at=START)
    now = START
    for _ in range(600):
        now += MINUTE
        absorb_outcomes(state, Context(DEFAULTS, now, BATCH), judged([True]))
    before = read(state, now)
    for _ in range(30):
        now += MINUTE
        absorb_outcomes(state, Context(DEFAULTS, now, BATCH), judged([False]))
    burst = read(state, now)
    assert burst.ratio < burst.slow_ratio < before.ratio
    healed = read(state, now + 20 * DEFAULTS.fast_half_life)
    assert burst.ratio < healed.ratio < before.ratio


@given(st.integers(IN_TIME + 1, MAX_FAILURE_AGE), st.booleans())
def test_late_evidence_counts_as_if_it_had_come_in_time(age: int, success: bool) -> None:
    late = read(fed([success], now=START + age, happened=START), START + HOUR)
    in_time = read(fed([success], now=START), START + HOUR)
    assert late.ratio == pytest.approx(in_time.ratio, rel=1e-12)
    assert late.evidence == pytest.approx(in_time.evidence, rel=1e-12)


@given(st.integers(0, IN_TIME), st.booleans())
def test_a_few_seconds_are_not_late(age: int, success: bool) -> None:
    assert fed([success], happened=START - age) == fed([success])


@given(st.integers(MAX_FAILURE_AGE, 400 * DAY))
def test_a_failure_that_comes_late_loses_no_more_than_five_minutes(age: int) -> None:
    capped = fed([False], now=START, happened=START - MAX_FAILURE_AGE)
    assert fed([False], now=START, happened=START - age) == capped


@given(st.integers(MAX_AGE, 400 * DAY))
def test_a_success_ages_no_more_than_a_day(age: int) -> None:
    assert fed([True], happened=START - age) == fed([True], happened=START - MAX_AGE)


@given(st.integers(0, 400 * DAY))
def test_an_event_from_the_future_is_of_now(ahead: int) -> None:
    assert fed([True], happened=START + ahead) == fed([True])


@given(outcomes, st.integers(0, 60 * DAY))
def test_reading_changes_nothing_and_stays_in_range(successes: list[bool], later: int) -> None:
    state = fed(successes)
    packed = msgspec.msgpack.encode(state)
    result = read(state, START + later)
    assert msgspec.msgpack.encode(state) == packed
    assert 0.0 < result.ratio <= result.slow_ratio < 1.0
    assert 0.0 < result.prior_share <= 1.0


@given(outcomes)
def test_a_failure_never_helps_at_that_instant(successes: list[bool]) -> None:
    assert read(fed([*successes, False])).ratio <= read(fed(successes)).ratio


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3 * HOUR)), min_size=1, max_size=60))
def test_sums_that_are_brought_up_to_date_now_and_then_are_those_of_every_time(
    history: list[tuple[bool, int]],
) -> None:
    lazy, plain, now = OutcomeState(at=START), [0.0, 0.0], START
    for success, gap in history:
        before, now = now, now + gap
        weights = absorb_outcomes(lazy, Context(DEFAULTS, now, BATCH), judged([success])).weights
        left = 2.0 ** -((now - before) / DEFAULTS.slow_half_life)
        plain = [total * left for total in plain]
        plain[success] += 0.5 * weights[0]
    reading = read(lazy, now)
    assert reading.evidence == pytest.approx(sum(plain), rel=1e-2)
    assert reading.successes == pytest.approx(plain[1], rel=1e-2)


@pytest.mark.parametrize(
    ("ratio", "score"), [(1.0, 100.0), (0.95, 92.6), (0.9, 85.4), (0.8, 71.6), (0.5, 35.4)]
)
def test_the_exponent_gives_the_documented_scores(ratio: float, score: float) -> None:
    assert 100.0 * 2.718281828459045 ** -ratio_cost(ratio, DEFAULTS) == pytest.approx(score, abs=0.05)
