"""A tenant's trust parameters in the units that the rules compute in: milliseconds and nats."""

from typing import NamedTuple

import msgspec

from schemas.trust_model import TrustParameters
from stream_processors.rules.decay import DAY, HOUR, MINUTE, SECOND
from stream_processors.rules.elementary import natural_log

# The error rates that an agent's own is rounded up to, and for each the rate that a burst would have.
_RATES = ((0.02, 0.2), (0.05, 0.3), (0.1, 0.4), (0.2, 0.6), (0.4, 0.8))

# After so many halvings sums are brought up to date, long before a factor becomes too small to divide by.
_REBASE_HALVINGS = 32

# How often a call that follows a failed one fails as well, where failures come in bursts.
_BURST_RATE = 0.4


class BurstSteps(NamedTuple):
    """Log likelihood ratios of a burst against the agent's own `rate` of failure.

    `failure` and `success` are steps of any call, `repeat` and `relief` of one that follows a failed one.
    """

    rate: float
    failure: float
    success: float
    repeat: float
    relief: float


class SeverityRule(NamedTuple):
    """Nats of one violation, their half-life in milliseconds, and the cap of the sum."""

    nats: float
    half_life: int
    cap: float


class Calibration(msgspec.Struct, frozen=True, gc=False):
    """What the rules read; `version` is that of the control record, 0 for the defaults."""

    version: int
    parameters: TrustParameters
    fast_half_life: int
    slow_half_life: int
    class_half_life: int
    rebase_after: int
    prior_total: float
    burst_steps: tuple[BurstSteps, ...]
    observation_span: int
    incident_spacing: int
    incident_half_life: int
    recurrence_window: int
    severities: tuple[SeverityRule, ...]
    repeat_window: int
    decision_half_life: int
    veracity_half_life: int
    latency_tolerance: float
    spending_half_lives: tuple[int, int, int, int]
    spending_learning: int
    critical_span: int
    highs_span: int
    cold_span: int
    thresholds: tuple[int, ...]
    rise_margin: int
    dwell: int
    strike_half_life: int
    forget_after: int


def calibrate(parameters: TrustParameters, version: int) -> Calibration:
    """The rules' view of valid parameters."""
    outcomes, incidents = parameters.outcomes, parameters.incidents
    violations, spending = parameters.violations, parameters.spending
    ceilings, levels = parameters.ceilings, parameters.levels
    severities = (violations.low, violations.medium, violations.high, violations.critical)
    return Calibration(
        version=version,
        parameters=parameters,
        fast_half_life=outcomes.fast_half_life_minutes * MINUTE,
        slow_half_life=outcomes.slow_half_life_hours * HOUR,
        class_half_life=outcomes.class_half_life_minutes * MINUTE,
        rebase_after=_REBASE_HALVINGS
        * MINUTE
        * min(outcomes.fast_half_life_minutes, outcomes.class_half_life_minutes),
        prior_total=outcomes.prior_successes + outcomes.prior_failures,
        burst_steps=tuple(_burst_steps(rate, burst) for rate, burst in _RATES),
        observation_span=incidents.observation_seconds * SECOND,
        incident_spacing=incidents.spacing_minutes * MINUTE,
        incident_half_life=incidents.half_life_hours * HOUR,
        recurrence_window=incidents.recurrence_window_minutes * MINUTE,
        severities=tuple(SeverityRule(s.nats, s.half_life_hours * HOUR, s.cap) for s in severities),
        repeat_window=violations.repeat_window_seconds * SECOND,
        decision_half_life=parameters.decisions.half_life_hours * HOUR,
        veracity_half_life=parameters.veracity.half_life_hours * HOUR,
        latency_tolerance=natural_log(parameters.latency.tolerated_factor),
        spending_half_lives=(
            spending.fast_half_life_minutes * MINUTE,
            spending.slow_half_life_hours * HOUR,
            spending.recent_half_life_hours * HOUR,
            spending.usual_half_life_hours * HOUR,
        ),
        spending_learning=spending.learning_hours * HOUR,
        critical_span=ceilings.critical_days * DAY,
        highs_span=ceilings.highs_days * DAY,
        cold_span=ceilings.cold_hours * HOUR,
        thresholds=tuple(
            round(points * 10) for points in (0, levels.restricted, levels.watch, levels.good, levels.trusted)
        ),
        rise_margin=round(levels.rise_margin * 10),
        dwell=levels.dwell_minutes * MINUTE,
        strike_half_life=levels.strike_half_life_hours * HOUR,
        forget_after=parameters.forget_after_days * DAY,
    )


def _burst_steps(rate: float, burst: float) -> BurstSteps:
    return BurstSteps(
        rate,
        natural_log(burst / rate),
        natural_log((1.0 - burst) / (1.0 - rate)),
        natural_log(max(_BURST_RATE, burst) / rate),
        natural_log((1.0 - max(_BURST_RATE, burst)) / (1.0 - rate)),
    )


DEFAULTS = calibrate(TrustParameters(), 0)
