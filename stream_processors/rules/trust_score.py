"""The trust score: components multiply, ceilings limit, and what is published falls at once and rises slowly.

S = min(100 * exp(-costs), ceilings), where each component costs nats (natural units of log score) and the
costs add up. A product rather than a mean, so that one perfect side cannot pay for another; additive in log
space, so that every point lost has an exact cause.
"""

from math import floor

import msgspec

from schemas.derived import TrustStatus
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.ceilings import COLD_START, SILENCE, Ceiling, ceilings_at
from stream_processors.rules.decay import HOUR, decay_factor
from stream_processors.rules.decisions import denial_cost
from stream_processors.rules.elementary import exp_negative
from stream_processors.rules.incidents import incident_pressure
from stream_processors.rules.latency import slowness_cost
from stream_processors.rules.levels import RESTRICTED, UNRATED, rank_of, step_level
from stream_processors.rules.liveness import absence_cost
from stream_processors.rules.outcomes import OutcomeReading, ratio_cost, read_outcomes
from stream_processors.rules.presence import is_excused
from stream_processors.rules.spending import read_burn
from stream_processors.rules.state import AgentState, ScoreState
from stream_processors.rules.veracity import contradiction_cost
from stream_processors.rules.violations import pressure_at


class Costs(msgspec.Struct, frozen=True, gc=False):
    """What each component costs, in nats, none below 0."""

    failures: float
    incidents: float
    violations: float
    denials: float
    contradictions: float
    slowness: float
    absence: float
    spending: float

    @property
    def total(self) -> float:
        """Their sum, in a fixed order."""
        sides = self.incidents + self.violations + self.denials + self.contradictions
        return self.failures + sides + self.slowness + self.absence + self.spending


class Measurement(msgspec.Struct, frozen=True, gc=False):
    """The score before the rise limit: `raw` is the product, `score` what the ceilings leave of it.

    `present` is what the score would be if the agent were not absent.
    """

    outcomes: OutcomeReading
    costs: Costs
    raw: float
    ceilings: list[Ceiling]
    score: float
    present: float
    status: TrustStatus


def measure(state: AgentState, model: Calibration, now: int) -> Measurement:
    """The score as of `now`, not before the agent's clock; reads only, so looking never changes anything."""
    outcomes = read_outcomes(state.outcomes, model, now)
    costs = Costs(
        failures=ratio_cost(outcomes.ratio, model),
        incidents=incident_pressure(state.incidents, model, now),
        violations=pressure_at(state.violations, model, now),
        denials=0.0 if state.decisions is None else denial_cost(state.decisions, model, now),
        contradictions=0.0 if state.veracity is None else contradiction_cost(state.veracity, model, now),
        slowness=0.0 if state.latency is None else slowness_cost(state.latency, model),
        absence=absence_cost(state.presence, model, now),
        spending=0.0 if state.spending is None else read_burn(state.spending, model, now).nats,
    )
    raw = 100.0 * exp_negative(costs.total)
    ceilings = ceilings_at(state.violations, state.presence, outcomes, model, now)
    status = _status(state, ceilings)
    score = present = under_ceilings(raw, ceilings)
    if costs.absence > 0.0 or status is TrustStatus.STALE:
        heard = msgspec.structs.replace(costs, absence=0.0)
        limits = [ceiling for ceiling in ceilings if ceiling.name != SILENCE]
        present = under_ceilings(100.0 * exp_negative(heard.total), limits)
    return Measurement(outcomes, costs, raw, ceilings, score, present, status)


def under_ceilings(raw: float, ceilings: list[Ceiling]) -> float:
    """The lowest of a score and its ceilings."""
    score = raw
    for ceiling in ceilings:
        score = min(score, ceiling.value)
    return score


def in_tenths(value: float) -> int:
    """A score in whole tenths of a point, as it is published and judged."""
    return floor(value * 10.0 + 0.5)


def settle(state: ScoreState, model: Calibration, measurement: Measurement, now: int) -> bool:
    """Let the published value and the level follow the score; True when the level, shown or not, changed.

    Absence lowers the value and the level that is shown, but neither what has been earned nor its rise:
    silence is no conduct, and who is back stands where it stood.
    """
    before, before_shown = state.level.rank, state.shown
    if before == UNRATED:
        state.earned = measurement.present
    else:
        state.earned = min(measurement.present, state.earned + _rise_allowed(state, model, now))
    state.value = min(state.earned, measurement.score)
    state.evaluated_at = now
    changed = step_level(state.level, model, in_tenths(state.earned), now)
    state.shown = min(state.level.rank, rank_of(in_tenths(state.value), model.thresholds))
    if before > RESTRICTED >= state.level.rank:
        state.strikes = _strikes(state, model, now) + 1.0
        state.strikes_at = now
    return changed or state.shown != before_shown


def _rise_allowed(state: ScoreState, model: Calibration, now: int) -> float:
    per_hour = model.parameters.levels.rise_per_hour / (1.0 + _strikes(state, model, now))
    return per_hour * ((now - state.evaluated_at) / HOUR)


def _strikes(state: ScoreState, model: Calibration, now: int) -> float:
    if not state.strikes:
        return 0.0
    return state.strikes * decay_factor(state.strikes_at, now, model.strike_half_life)


def _status(state: AgentState, ceilings: list[Ceiling]) -> TrustStatus:
    if is_excused(state.presence):
        return TrustStatus.STOPPED
    status = TrustStatus.ACTIVE
    for ceiling in ceilings:
        if ceiling.name == SILENCE:
            return TrustStatus.STALE
        if ceiling.name == COLD_START:
            status = TrustStatus.PROVISIONAL
    return status
