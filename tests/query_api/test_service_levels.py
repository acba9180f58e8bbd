"""Shares and error budgets: exact at their ends, and null where there is nothing to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.service_levels import level_of


def level(calls: int, failures: int, objective: float = 0.9) -> dict[str, float | None]:
    row = {"calls": calls, "failures": failures, "timed_calls": calls, "percentiles": [1.0, 2.0, 3.0]}
    return level_of(row, objective)


@pytest.mark.parametrize(
    ("failures", "rate", "left"), [(0, 1.0, 1.0), (5, 0.95, 0.5), (10, 0.9, 0.0), (20, 0.8, -1.0)]
)
def test_the_budget_is_what_the_objective_leaves(failures: int, rate: float, left: float) -> None:
    found = level(100, failures)
    assert found["success_rate"] == pytest.approx(rate)
    assert found["error_budget_left"] == pytest.approx(left)


def test_without_calls_there_is_no_share() -> None:
    found = level_of({"calls": 0, "failures": 0, "timed_calls": 0, "percentiles": []}, 0.99)
    assert found["success_rate"] is found["error_budget_left"] is found["meets_objective"] is None
    assert found["latency_p95_ms"] is None


@given(st.integers(1, 10_000), st.integers(0, 10_000), st.floats(0.01, 0.99))
def test_the_objective_is_met_exactly_while_some_budget_is_left(
    calls: int, failures: int, objective: float
) -> None:
    found = level(calls, min(failures, calls), objective)
    left = found["error_budget_left"]
    assert left is not None
    assert found["meets_objective"] == (left >= 0 or left == pytest.approx(0))
