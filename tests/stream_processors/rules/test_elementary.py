"""exp and ln without libm agree with it as far as is promised."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.elementary import exp_negative, natural_log


@given(st.floats(0, 500))
def test_exp_agrees_with_libm(exponent: float) -> None:
    assert exp_negative(exponent) == pytest.approx(math.exp(-exponent), rel=4e-9)


@given(st.floats(1e-300, 1e300))
def test_ln_agrees_with_libm(value: float) -> None:
    assert natural_log(value) == pytest.approx(math.log(value), rel=0, abs=1e-8)


def test_both_are_exact_where_nothing_is_lost() -> None:
    assert exp_negative(0.0) == 1.0
    assert natural_log(1.0) == 0.0


@given(st.floats(0, 20), st.floats(0, 20))
def test_exp_is_monotone(one: float, other: float) -> None:
    assert exp_negative(max(one, other)) <= exp_negative(min(one, other))
