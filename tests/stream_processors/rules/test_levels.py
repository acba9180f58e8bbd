"""Levels fall at once and rise one step after ten minutes above the threshold and its margin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.levels import GOOD, LEVELS, WATCH, LevelState, rank_of, step_level
from tests.stream_processors.rules.log_builder import MINUTE, START

THRESHOLDS, RISE_MARGIN, DWELL = DEFAULTS.thresholds, DEFAULTS.rise_margin, DEFAULTS.dwell


@pytest.mark.parametrize(
    ("tenths", "level"),
    [
        *[(1000, "trusted"), (850, "trusted"), (849, "good"), (700, "good"), (699, "watch"), (500, "watch")],
        *[(499, "restricted"), (300, "restricted"), (299, "untrusted"), (0, "untrusted")],
    ],
)
def test_bands(tenths: int, level: str) -> None:
    assert LEVELS[rank_of(tenths, THRESHOLDS)] == level


def test_the_first_level_is_the_band() -> None:
    state = LevelState()
    assert step_level(state, DEFAULTS, 600, START)
    assert state.rank == WATCH


def test_a_fall_is_immediate_and_may_skip_levels() -> None:
    state = LevelState(rank=4, dwell_since=START)
    assert step_level(state, DEFAULTS, 100, START)
    assert (state.rank, state.dwell_since) == (0, 0)


def test_a_rise_needs_the_margin_and_ten_minutes() -> None:
    state = LevelState(rank=WATCH)
    assert not step_level(state, DEFAULTS, 729, START)
    assert not step_level(state, DEFAULTS, 730, START + 1)
    assert not step_level(state, DEFAULTS, 730, START + DWELL)
    assert step_level(state, DEFAULTS, 730, START + 1 + DWELL)
    assert state.rank == GOOD


def test_a_dip_below_the_margin_starts_the_dwell_again() -> None:
    state = LevelState(rank=WATCH)
    step_level(state, DEFAULTS, 800, START)
    step_level(state, DEFAULTS, 729, START + 5 * MINUTE)
    step_level(state, DEFAULTS, 800, START + 6 * MINUTE)
    assert not step_level(state, DEFAULTS, 800, START + DWELL)


def test_more_good_news_does_not_start_the_dwell_again() -> None:
    state = LevelState(rank=WATCH)
    for minute in range(10):
        assert not step_level(state, DEFAULTS, 800 + minute, START + minute * MINUTE)
    assert step_level(state, DEFAULTS, 800, START + DWELL)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 20 * MINUTE)), min_size=1, max_size=60))
def test_no_step_up_without_margin_and_dwell(history: list[tuple[int, int]]) -> None:
    state, now = LevelState(), START
    step_level(state, DEFAULTS, history[0][0], now)
    high_since: dict[int, int] = {}
    for tenths, gap in history:
        now += gap
        for rank in range(1, len(LEVELS)):
            if tenths >= THRESHOLDS[rank] + RISE_MARGIN:
                high_since.setdefault(rank, now)
            else:
                high_since.pop(rank, None)
        before = state.rank
        changed = step_level(state, DEFAULTS, tenths, now)
        assert changed == (state.rank != before)
        assert state.rank <= max(rank_of(tenths, THRESHOLDS), 0)
        if state.rank > before:
            assert state.rank == before + 1
            assert now - high_since[state.rank] >= DWELL
