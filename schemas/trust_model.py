"""The parameters of the trust score, as a tenant may set them; what is not set follows the release's default.

What each one does, and why its default is what it is, stands in `docs/trust.md`. Durations are whole numbers
of the unit in the name; costs are nats (natural units of log score: 0.1 nats cost 9.5 % of the score).
"""

from itertools import pairwise
from typing import Annotated

import msgspec

from schemas.errors import InvalidMessageError


def _between(least: float, most: float) -> msgspec.Meta:
    return msgspec.Meta(ge=least, le=most)


Minutes = Annotated[int, _between(1, 10_080)]
Hours = Annotated[int, _between(1, 2_160)]
Days = Annotated[int, _between(1, 365)]
Share = Annotated[float, _between(0, 1)]
Nats = Annotated[float, _between(0, 10)]
Points = Annotated[float, _between(0, 100)]
Evidence = Annotated[float, _between(0.1, 10_000)]
Slope = Annotated[float, _between(0, 10)]


class _Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class OutcomeParameters(_Parameters, frozen=True):
    """R: two windows of success, the weight of evidence, and how strongly the ratio counts."""

    fast_half_life_minutes: Minutes = 20
    slow_half_life_hours: Hours = 24
    class_half_life_minutes: Minutes = 10
    saturation: Evidence = 10.0
    own_word_weight: Annotated[float, _between(0.05, 1)] = 0.5
    prior_successes: Evidence = 4.0
    prior_failures: Evidence = 1.0
    shrinkage: Evidence = 40.0
    exponent: Annotated[float, _between(0.1, 5)] = 1.5


class IncidentParameters(_Parameters, frozen=True):
    """I: bursts of failures against the agent's own rate, and bursts that recur."""

    observation_seconds: Annotated[int, _between(0, 3_600)] = 15
    threshold: Annotated[float, _between(2, 50)] = 6.0
    cost: Nats = 0.08
    escalation: Annotated[float, _between(0, 2)] = 0.5
    spacing_minutes: Minutes = 60
    half_life_hours: Hours = 48
    cap: Nats = 1.2
    recurrence_threshold: Annotated[float, _between(2, 50)] = 7.0
    recurrence_gain: Annotated[float, _between(0.1, 50)] = 3.0
    recurrence_loss: Annotated[float, _between(0, 50)] = 1.0
    recurrence_window_minutes: Minutes = 60
    recurrence_cost: Nats = 0.3


class SeverityParameters(_Parameters, frozen=True):
    """What one violation of a severity costs, for how long, and what all of them can cost together."""

    nats: Nats
    half_life_hours: Hours
    cap: Nats


class ViolationParameters(_Parameters, frozen=True):
    """P: violations by severity; the same rule again within the window counts less each time."""

    low: SeverityParameters = SeverityParameters(0.02, 6, 0.35)
    medium: SeverityParameters = SeverityParameters(0.08, 24, 1.2)
    high: SeverityParameters = SeverityParameters(0.30, 72, 3.0)
    critical: SeverityParameters = SeverityParameters(1.00, 168, 6.0)
    repeat_window_seconds: Annotated[int, _between(0, 86_400)] = 60


class DecisionParameters(_Parameters, frozen=True):
    """A: the share of denied decisions, beyond what is tolerated."""

    half_life_hours: Hours = 6
    prior: Evidence = 10.0
    tolerated_share: Annotated[float, _between(0.001, 0.9)] = 0.05
    exponent: Annotated[float, _between(0, 5)] = 1.0


class VeracityParameters(_Parameters, frozen=True):
    """V: the share of claimed successes that an outcome contradicts, beyond what is tolerated."""

    half_life_hours: Hours = 24
    prior: Evidence = 20.0
    tolerated_share: Annotated[float, _between(0.001, 0.9)] = 0.025
    exponent: Annotated[float, _between(0, 5)] = 2.0


class LatencyParameters(_Parameters, frozen=True):
    """L: slower than the agent itself used to be with the same tools."""

    slope: Slope = 0.5
    cap: Nats = 0.35
    tolerated_factor: Annotated[float, _between(1, 100)] = 1.5
    least_calls: Annotated[int, _between(2, 10_000)] = 50
    learned_daily_rise: Annotated[float, _between(0.001, 10)] = 0.10


class LivenessParameters(_Parameters, frozen=True):
    """H: heartbeat intervals missed beyond what is tolerated."""

    cost_per_interval: Nats = 0.06
    tolerated_intervals: Annotated[float, _between(1, 1000)] = 3.0
    cap: Nats = 0.6


class SpendingParameters(_Parameters, frozen=True):
    """K: spending faster, in a short and a longer window, than a multiple of the agent's own usual rate."""

    fast_half_life_minutes: Minutes = 15
    slow_half_life_hours: Hours = 6
    recent_half_life_hours: Hours = 24
    usual_half_life_hours: Hours = 168
    tolerated_multiple: Annotated[float, _between(1, 1000)] = 3.0
    slope: Slope = 0.5
    cap: Nats = 0.35
    learning_hours: Hours = 24


class CeilingParameters(_Parameters, frozen=True):
    """Facts that limit the score whatever else is good."""

    critical_open: Points = 40.0
    critical_later: Points = 60.0
    critical_days: Days = 7
    highs_open: Points = 60.0
    highs_days: Days = 7
    silence: Points = 49.0
    silence_intervals: Annotated[int, _between(2, 10_000)] = 10
    cold_start: Points = 60.0
    cold_evidence: Evidence = 30.0
    cold_hours: Hours = 6


class LevelParameters(_Parameters, frozen=True):
    """Where levels begin, worst last; what it takes to rise by one; how fast a published score may rise."""

    trusted: Points = 85.0
    good: Points = 70.0
    watch: Points = 50.0
    restricted: Points = 30.0
    rise_margin: Annotated[float, _between(0, 20)] = 3.0
    dwell_minutes: Minutes = 10
    rise_per_hour: Annotated[float, _between(0.1, 10_000)] = 12.0
    strike_half_life_hours: Hours = 168


class TrustParameters(_Parameters, frozen=True):
    """Everything that the score depends on beside the evidence."""

    outcomes: OutcomeParameters = OutcomeParameters()
    incidents: IncidentParameters = IncidentParameters()
    violations: ViolationParameters = ViolationParameters()
    decisions: DecisionParameters = DecisionParameters()
    veracity: VeracityParameters = VeracityParameters()
    latency: LatencyParameters = LatencyParameters()
    liveness: LivenessParameters = LivenessParameters()
    spending: SpendingParameters = SpendingParameters()
    ceilings: CeilingParameters = CeilingParameters()
    levels: LevelParameters = LevelParameters()
    forget_after_days: Days = 60


def check_parameters(parameters: TrustParameters) -> None:
    """Refuse what each value alone cannot show.

    Raises:
        InvalidMessageError: levels or severities are not in order, or numbers contradict each other.
    """
    levels, outcomes, spending = parameters.levels, parameters.outcomes, parameters.spending
    if not 0 < levels.restricted < levels.watch < levels.good < levels.trusted:
        raise InvalidMessageError(
            "restricted, watch, good and trusted must rise from above 0", field="levels"
        )
    if levels.trusted + levels.rise_margin > 100:
        raise InvalidMessageError(
            "trusted and rise_margin exceed 100: nobody could get there", field="levels"
        )
    if outcomes.fast_half_life_minutes > outcomes.slow_half_life_hours * 60:
        raise InvalidMessageError("the fast half-life is longer than the slow one", field="outcomes")
    if not (
        spending.fast_half_life_minutes <= spending.slow_half_life_hours * 60
        and spending.slow_half_life_hours <= spending.recent_half_life_hours < spending.usual_half_life_hours
    ):
        raise InvalidMessageError("the half-lives must rise: fast, slow, recent, usual", field="spending")
    violations = parameters.violations
    severities = (violations.low, violations.medium, violations.high, violations.critical)
    for milder, worse in pairwise(severities):
        if milder.nats > worse.nats or milder.cap > worse.cap:
            raise InvalidMessageError("a worse severity must not cost less", field="violations")
    if any(severity.nats > severity.cap for severity in severities):
        raise InvalidMessageError("one violation costs more than its cap", field="violations")
