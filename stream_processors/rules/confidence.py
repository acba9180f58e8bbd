"""How sure a score is: confidence from the weight of evidence, and an interval around the score.

Both come from the Beta estimate (Josang and Ismail 2002; uncertainty as in subjective logic, Josang 2016).
Confidence falls by itself in silence, because evidence decays. A policy should gate on the lower bound rather
than on the score.
"""

from math import sqrt

import msgspec

from stream_processors.rules.calibration import Calibration
from stream_processors.rules.elementary import exp_negative
from stream_processors.rules.outcomes import combined_ratio, ratio_cost
from stream_processors.rules.trust_score import Measurement, under_ceilings

HALF_SURE_EVIDENCE = 20.0

# The 5th and 95th percentile of a normal distribution, with the Beta's own sample size.
_Z_90 = 1.645
_PRIOR_SIZE = 6.0

# A ratio of nothing has no logarithm; this one gives a score of 0.0.
_LEAST_RATIO = 1e-9


def confidence(evidence: float) -> float:
    """0 for a new agent, 0.5 at a weight of 20, 0.9 at 180."""
    return evidence / (evidence + HALF_SURE_EVIDENCE)


def score_interval(measurement: Measurement, model: Calibration, published: float) -> tuple[float, float]:
    """The 90 % interval of the success ratio carried through to the score; `published` always lies in it."""
    outcomes = measurement.outcomes
    ratio = outcomes.slow_ratio
    spread = _Z_90 * sqrt(ratio * (1.0 - ratio) / (outcomes.evidence + _PRIOR_SIZE))
    low = _score_with(measurement, model, max(_LEAST_RATIO, ratio - spread))
    high = _score_with(measurement, model, min(1.0, ratio + spread))
    return min(low, published), max(high, published)


def _score_with(measurement: Measurement, model: Calibration, slow_ratio: float) -> float:
    outcomes, costs = measurement.outcomes, measurement.costs
    shrinkage = model.parameters.outcomes.shrinkage
    ratio = combined_ratio(slow_ratio, outcomes.fast_successes, outcomes.fast_failures, shrinkage)
    other = msgspec.structs.replace(costs, failures=ratio_cost(max(ratio, _LEAST_RATIO), model))
    return under_ceilings(100.0 * exp_negative(other.total), measurement.ceilings)
