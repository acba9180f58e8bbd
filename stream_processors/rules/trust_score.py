"""The trust score: components multiply, ceilings limit, and what is published falls at once and rises slowly.

S = min(100 * R^1.5 * exp(-P), ceilings). A product rather than a mean, so that one perfect side cannot pay
for another; additive in log space, so that every point lost has an exact cause.
"""

from math import floor, sqrt

import msgspec

from schemas.derived import TrustStatus
from stream_processors.rules.ceilings import COLD_START, SILENCE, Ceiling, ceilings_at
from stream_processors.rules.decay import DAY, HOUR, decay_factor
from stream_processors.rules.elementary import exp_negative
from stream_processors.rules.levels import RESTRICTED, UNRATED, step_level
from stream_processors.rules.outcomes import OutcomeReading, read_outcomes
from stream_processors.rules.state import AgentState, ScoreState
from stream_processors.rules.violations import pressure_at

RISE_PER_HOUR = 12.0
STRIKE_HALF_LIFE = 7 * DAY


class Measurement(msgspec.Struct, frozen=True, gc=False):
    """The score before the rise limit: `raw` is the product, `score` what the ceilings leave of it."""

    outcomes: OutcomeReading
    pressure: float
    raw: float
    ceilings: list[Ceiling]
    score: float
    status: TrustStatus


def measure(state: AgentState, now: int) -> Measurement:
    """The score as of `now`, not before the agent's clock; reads only, so looking never changes anything."""
    outcomes = read_outcomes(state.outcomes, now)
    pressure = pressure_at(state.violations, now)
    raw = combine(outcomes.ratio, pressure)
    ceilings = ceilings_at(state.violations, state.presence, outcomes, now)
    status = _status(state, ceilings)
    return Measurement(outcomes, pressure, raw, ceilings, under_ceilings(raw, ceilings), status)


def combine(ratio: float, pressure: float) -> float:
    """100 * R^1.5 * exp(-P): 95 % success gives 92.6, 90 % 85, 80 % 72, 50 % 35."""
    return 100.0 * ratio * sqrt(ratio) * exp_negative(pressure)


def under_ceilings(raw: float, ceilings: list[Ceiling]) -> float:
    """The lowest of a score and its ceilings."""
    score = raw
    for ceiling in ceilings:
        score = min(score, ceiling.value)
    return score


def in_tenths(value: float) -> int:
    """A score in whole tenths of a point, as it is published and judged."""
    return floor(value * 10.0 + 0.5)


def settle(state: ScoreState, score: float, now: int) -> bool:
    """Let the published value follow the score, and the level the value; True when the level changed."""
    if state.level.rank == UNRATED:
        state.value = score
    else:
        state.value = min(score, state.value + _rise_allowed(state, now))
    state.evaluated_at = now
    before = state.level.rank
    changed = step_level(state.level, in_tenths(state.value), now)
    if changed and before > RESTRICTED >= state.level.rank:
        state.strikes = _strikes(state, now) + 1.0
        state.strikes_at = now
    return changed


def _rise_allowed(state: ScoreState, now: int) -> float:
    return RISE_PER_HOUR / (1.0 + _strikes(state, now)) * ((now - state.evaluated_at) / HOUR)


def _strikes(state: ScoreState, now: int) -> float:
    if not state.strikes:
        return 0.0
    return state.strikes * decay_factor(state.strikes_at, now, STRIKE_HALF_LIFE)


def _status(state: AgentState, ceilings: list[Ceiling]) -> TrustStatus:
    if state.presence.stopped_at:
        return TrustStatus.STOPPED
    status = TrustStatus.ACTIVE
    for ceiling in ceilings:
        if ceiling.name == SILENCE:
            return TrustStatus.STALE
        if ceiling.name == COLD_START:
            status = TrustStatus.PROVISIONAL
    return status
