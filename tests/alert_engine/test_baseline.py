"""What is usual is learnt from the agent's own windows, and a burst does not become usual at once."""

from math import isclose, sqrt
from statistics import fmean, pvariance

from hypothesis import given
from hypothesis import strategies as st

from alert_engine.baseline import Baseline, learn, spread

VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=12)


@given(VALUES)
def test_until_enough_is_known_it_is_mean_and_deviation(values: list[float]) -> None:
    state = Baseline()
    for value in values:
        learn(state, value, 12)
    assert isclose(state.mean, fmean(values), rel_tol=1e-9, abs_tol=1e-9)
    assert isclose(state.variance, pvariance(values), rel_tol=1e-6, abs_tol=1e-3)
    assert spread(state) >= sqrt(state.variance)


def test_one_burst_hardly_moves_it_and_a_new_level_is_learnt() -> None:
    state = Baseline()
    for number in range(40):
        learn(state, 100.0 + number % 3, 12)
    before, usual = state.mean, spread(state)
    learn(state, 1e6, 12)
    assert abs(state.mean - before) < usual
    assert spread(state) < 2 * usual
    for _ in range(200):
        learn(state, 400.0, 12)
    assert abs(state.mean - 400) < 20


def test_where_all_was_quiet_something_is_learnt_too() -> None:
    state = Baseline()
    for _ in range(20):
        learn(state, 0.0, 12)
    assert spread(state) > 0
    for _ in range(100):
        learn(state, 10.0, 12)
    assert state.mean > 5
