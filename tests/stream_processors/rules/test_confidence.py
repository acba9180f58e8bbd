"""Confidence grows with evidence, and the interval holds the score and narrows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.derived import TrustStatus
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.confidence import confidence, score_interval
from stream_processors.rules.elementary import exp_negative
from stream_processors.rules.outcomes import OutcomeReading, combined_ratio, ratio_cost
from stream_processors.rules.trust_score import Costs, Measurement


def measured(slow_ratio: float, evidence: float, pressure: float = 0.0) -> Measurement:
    ratio = combined_ratio(slow_ratio, 1.0, 1.0, 40.0)
    costs = Costs(ratio_cost(ratio, DEFAULTS), 0.0, pressure, 0.0, 0.0, 0.0, 0.0, 0.0)
    raw = 100.0 * exp_negative(costs.total)
    reading = OutcomeReading(ratio, slow_ratio, 1.0, 1.0, evidence, evidence, 0.0)
    return Measurement(reading, costs, raw, [], raw, raw, TrustStatus.ACTIVE)


def test_confidence_at_the_documented_points() -> None:
    assert (confidence(0.0), confidence(20.0), confidence(180.0)) == (0.0, 0.5, 0.9)


def test_more_evidence_narrows_the_interval() -> None:
    few, many = measured(0.9, 5.0), measured(0.9, 500.0)
    low_few, high_few = score_interval(few, DEFAULTS, few.score)
    low_many, high_many = score_interval(many, DEFAULTS, many.score)
    assert low_few < low_many < high_many < high_few


@given(st.floats(0.01, 0.99), st.floats(0, 1e4), st.floats(0, 10), st.floats(0, 1))
def test_the_published_score_lies_in_the_interval(
    ratio: float, evidence: float, pressure: float, held_back: float
) -> None:
    measurement = measured(ratio, evidence, pressure)
    published = measurement.score * held_back
    low, high = score_interval(measurement, DEFAULTS, published)
    assert 0.0 <= low <= published <= high <= 100.0 + 1e-9


def test_the_interval_is_not_wider_than_possible() -> None:
    low, high = score_interval(measured(0.99, 0.0), DEFAULTS, 90.0)
    assert high == pytest.approx(100.0 * (41.0 / 42.0) ** 1.5)
    assert low > 0.0
