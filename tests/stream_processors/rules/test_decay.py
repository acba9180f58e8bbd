"""The grid: exact by its definition, telescoping, never stalling, and refused when a platform differs."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules import decay
from stream_processors.rules.decay import DAY, GRID, HOUR, MINUTE, TABLE, decay_factor, factor_of_steps
from tests.stream_processors.rules.log_builder import START

half_lives = st.sampled_from([10 * MINUTE, 20 * MINUTE, 6 * HOUR, 24 * HOUR, 72 * HOUR, 7 * DAY])
spans = st.integers(0, 30 * DAY)


def test_the_table_runs_from_one_to_a_half() -> None:
    assert (len(TABLE), TABLE[0], TABLE[GRID]) == (GRID + 1, 1.0, 0.5)
    assert all(left > right for left, right in pairwise(TABLE))


def test_another_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decay, "_TABLE_SHA256", "0" * 64)
    with pytest.raises(RuntimeError, match="another decay table"):
        decay._build_table()


@given(spans, half_lives)
def test_the_factor_is_within_a_step_of_the_exact_one(span: int, half_life: int) -> None:
    exact = 2.0 ** -(span / half_life)
    assert decay_factor(START, START + span, half_life) == pytest.approx(
        exact, rel=math.log(2) / GRID * 1.001
    )


@given(st.lists(st.integers(0, 2 * DAY), min_size=1, max_size=20), half_lives)
def test_short_spans_multiply_to_the_long_one(gaps: list[int], half_life: int) -> None:
    product, now = 1.0, START
    for gap in gaps:
        product *= decay_factor(now, now + gap, half_life)
        now += gap
    assert product == pytest.approx(decay_factor(START, now, half_life), rel=2.0**-40)


def test_events_every_millisecond_do_not_stall_the_decay() -> None:
    product = 1.0
    for moment in range(START, START + 60_000):
        product *= decay_factor(moment, moment + 1, MINUTE)
    assert product == pytest.approx(0.5, rel=1e-9)


def test_after_very_long_nothing_is_left() -> None:
    assert factor_of_steps(GRID * 901) == 0.0
    assert factor_of_steps(GRID * 900) == 2.0**-900
