"""R: priors, two windows, saturation and late evidence."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.evidence import LogRow
from stream_processors.rules.outcomes import (
    FAST_HALF_LIFE,
    MAX_AGE,
    MAX_FAILURE_AGE,
    OutcomeReading,
    OutcomeState,
    absorb_outcomes,
    read_outcomes,
)
from tests.stream_processors.rules.log_builder import DAY, HOUR, MINUTE, START

BATCH = bytes(16)


def fed(words: list[str], *, now: int = START, happened: int | None = None) -> OutcomeState:
    state = OutcomeState(at=START)
    timestamp = None if happened is None else datetime.fromtimestamp(happened / 1000, UTC)
    absorb_outcomes(state, now, 0, [LogRow(word, timestamp) for word in words], BATCH)
    return state


def reading(words: list[str]) -> OutcomeReading:
    return read_outcomes(fed(words), START)


def test_without_evidence_there_is_the_prior_and_nothing_else_to_blame() -> None:
    nothing = read_outcomes(OutcomeState(), START)
    assert nothing.ratio == pytest.approx(0.8)
    assert (nothing.evidence, nothing.prior_share) == (0.0, 1.0)


def test_neutral_words_are_no_evidence() -> None:
    assert reading(["debug", "warn", "trace", ""]).evidence == 0.0


def test_the_first_event_weighs_half_because_it_is_self_reported() -> None:
    state = fed(["info"])
    assert (state.fast_successes, state.slow_successes, state.slow_failures) == (0.5, 0.5, 0.0)


def test_a_failure_is_reported_and_remembered_as_the_event() -> None:
    state = OutcomeState(at=START)
    assert not absorb_outcomes(state, START, 0, [LogRow("info")], BATCH)
    assert absorb_outcomes(state, START, 0, [LogRow("info"), LogRow("error"), LogRow("info")], BATCH)
    assert state.last_failure is not None
    assert state.last_failure.seq == 1


def test_a_flood_of_successes_gains_little_over_a_few() -> None:
    assert reading(["info"] * 3600).evidence < 2.5 * reading(["info"] * 100).evidence


def test_successes_and_failures_of_one_class_saturate_alike() -> None:
    busy = reading(["info"] * 9 + ["error"] + (["info"] * 9 + ["error"]) * 50)
    quiet = reading((["info"] * 9 + ["error"]) * 3)
    assert abs((1 - busy.slow_ratio) - (1 - quiet.slow_ratio)) < 0.05


def test_the_fast_window_notices_and_the_slow_one_remembers() -> None:
    state = OutcomeState(at=START)
    now = START
    for _ in range(600):
        now += MINUTE
        absorb_outcomes(state, now, 0, [LogRow("info")], BATCH)
    before = read_outcomes(state, now)
    for _ in range(30):
        now += MINUTE
        absorb_outcomes(state, now, 0, [LogRow("error")], BATCH)
    burst = read_outcomes(state, now)
    assert burst.ratio < burst.slow_ratio < before.ratio
    healed = read_outcomes(state, now + 20 * FAST_HALF_LIFE)
    assert burst.ratio < healed.ratio < before.ratio


@given(st.integers(0, MAX_FAILURE_AGE), st.sampled_from(["info", "error"]))
def test_late_evidence_counts_as_if_it_had_come_in_time(age: int, word: str) -> None:
    late = read_outcomes(fed([word], now=START + age, happened=START), START + HOUR)
    in_time = read_outcomes(fed([word], now=START), START + HOUR)
    assert late.ratio == pytest.approx(in_time.ratio, rel=1e-12)
    assert late.evidence == pytest.approx(in_time.evidence, rel=1e-12)


@given(st.integers(MAX_FAILURE_AGE, 400 * DAY))
def test_a_failure_that_comes_late_loses_no_more_than_five_minutes(age: int) -> None:
    capped = fed(["error"], now=START, happened=START - MAX_FAILURE_AGE)
    assert fed(["error"], now=START, happened=START - age) == capped


@given(st.integers(MAX_AGE, 400 * DAY))
def test_a_success_ages_no_more_than_a_day(age: int) -> None:
    assert fed(["info"], happened=START - age) == fed(["info"], happened=START - MAX_AGE)


@given(st.integers(0, 400 * DAY))
def test_an_event_from_the_future_is_of_now(ahead: int) -> None:
    assert fed(["info"], happened=START + ahead) == fed(["info"])


@given(st.lists(st.sampled_from(["info", "error", "warn"]), max_size=50), st.integers(0, 60 * DAY))
def test_reading_changes_nothing_and_stays_in_range(words: list[str], later: int) -> None:
    state = fed(words)
    packed = msgspec.msgpack.encode(state)
    result = read_outcomes(state, START + later)
    assert msgspec.msgpack.encode(state) == packed
    assert 0.0 < result.ratio <= result.slow_ratio < 1.0
    assert 0.0 < result.prior_share <= 1.0


@given(st.lists(st.sampled_from(["info", "error", "warn"]), max_size=50))
def test_a_failure_never_helps_at_that_instant(words: list[str]) -> None:
    assert reading([*words, "error"]).ratio <= reading(words).ratio
