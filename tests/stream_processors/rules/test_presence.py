"""Intervals are learnt from heartbeats alone, and silence is measured from any sign of life."""

from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.presence import (
    DEFAULT_INTERVAL,
    STATUS_MIN_INTERVAL,
    STOP_GRACE,
    PresenceState,
    absorb_heartbeat,
    absorb_sign_of_life,
    awaited_since,
    degraded_from,
    is_excused,
    is_silent,
    note_suspension,
    offline_from,
    silent_from,
)
from tests.stream_processors.rules.log_builder import HOUR, MINUTE, SECOND, START


def beating(gaps: list[int]) -> PresenceState:
    state, now = PresenceState(), START
    absorb_heartbeat(state, now, "active")
    for gap in gaps:
        now += gap
        absorb_heartbeat(state, now, "active")
    return state


def test_the_interval_is_soon_the_agents_own() -> None:
    assert beating([]).interval == DEFAULT_INTERVAL
    assert 5 * SECOND <= beating([5 * SECOND] * 30).interval <= 6 * SECOND
    assert 4 * MINUTE <= beating([5 * MINUTE] * 30).interval <= 5 * MINUTE


def test_other_events_teach_no_interval_or_a_busy_agent_would_soon_look_dead() -> None:
    state = beating([MINUTE])
    for number in range(1000):
        absorb_sign_of_life(state, START + MINUTE + number)
    assert state.interval == MINUTE


def test_one_long_gap_counts_as_three_intervals_at_most() -> None:
    assert beating([MINUTE] * 8 + [100 * HOUR]).interval <= MINUTE + 2 * MINUTE // 8


def test_a_stop_is_no_gap() -> None:
    state = beating([MINUTE] * 8)
    absorb_heartbeat(state, state.last_seen + MINUTE, "inactive")
    absorb_heartbeat(state, state.last_seen + 9 * HOUR, "active")
    assert state.interval == MINUTE


def test_after_a_stop_late_rows_do_not_bring_the_agent_back() -> None:
    state = beating([MINUTE])
    absorb_heartbeat(state, START + 2 * MINUTE, "inactive")
    absorb_sign_of_life(state, START + 2 * MINUTE + STOP_GRACE - 1)
    assert state.stopped_at
    absorb_sign_of_life(state, START + 2 * MINUTE + STOP_GRACE)
    assert not state.stopped_at


def test_silence_does_not_count_after_an_orderly_stop() -> None:
    state = beating([MINUTE])
    assert is_silent(state, 10, silent_from(state, 10))
    assert not is_silent(state, 10, silent_from(state, 10) - 1)
    absorb_heartbeat(state, START + 2 * MINUTE, "inactive")
    assert not is_silent(state, 10, START + 9 * HOUR)


@given(st.lists(st.integers(0, 4 * HOUR), max_size=40))
def test_deadlines_come_in_order_and_not_at_once(gaps: list[int]) -> None:
    state = beating(gaps)
    assert state.last_seen + 2 * STATUS_MIN_INTERVAL < degraded_from(state) < offline_from(state)
    assert offline_from(state) < silent_from(state, 10)


def test_what_a_suspended_agent_may_not_say_is_not_missed() -> None:
    state = beating([MINUTE])
    note_suspension(state, START + 2 * MINUTE, suspended=True)
    assert is_excused(state)
    assert not is_silent(state, 10, START + 1000 * HOUR)
    resumed_at = START + 900 * HOUR
    note_suspension(state, resumed_at, suspended=False)
    assert not is_excused(state)
    assert awaited_since(state) == resumed_at
    assert silent_from(state, 10) == resumed_at + 10 * MINUTE + 1
    assert not is_silent(state, 10, resumed_at + 10 * MINUTE)
    assert is_silent(state, 10, resumed_at + 10 * MINUTE + 1)
    absorb_sign_of_life(state, resumed_at + SECOND)
    assert awaited_since(state) == resumed_at + SECOND
