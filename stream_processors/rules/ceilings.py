"""Ceilings: the few facts that are not a matter of degree, and limit the score whatever else is good."""

from typing import NamedTuple

from stream_processors.rules.calibration import Calibration
from stream_processors.rules.outcomes import OutcomeReading
from stream_processors.rules.presence import PresenceState, is_silent
from stream_processors.rules.violations import ViolationState

CRITICAL_OPEN = "critical_violation_open"
HIGHS_OPEN = "high_violations_open"
SILENCE = "silence"
COLD_START = "cold_start"

NAMES = (CRITICAL_OPEN, HIGHS_OPEN, SILENCE, COLD_START)

HIGHS_NEEDED = 3


class Ceiling(NamedTuple):
    """A limit in force."""

    name: str
    value: float


def ceilings_at(
    violations: ViolationState,
    presence: PresenceState,
    outcomes: OutcomeReading,
    model: Calibration,
    now: int,
) -> list[Ceiling]:
    """The ceilings in force at `now`, in a fixed order; reads only."""
    parameters = model.parameters.ceilings
    found = []
    critical = _critical_ceiling(violations, model, now)
    if critical is not None:
        found.append(Ceiling(CRITICAL_OPEN, critical))
    highs = violations.highs
    if len(highs) >= HIGHS_NEEDED and now < highs[0].at + model.highs_span:
        found.append(Ceiling(HIGHS_OPEN, parameters.highs_open))
    if is_silent(presence, parameters.silence_intervals, now):
        found.append(Ceiling(SILENCE, parameters.silence))
    # Successes only: a new agent must not become better known, and so better trusted, by failing.
    known = min(
        1.0, outcomes.successes / parameters.cold_evidence, (now - presence.first_seen) / model.cold_span
    )
    if known < 1.0:
        found.append(Ceiling(COLD_START, parameters.cold_start + (100.0 - parameters.cold_start) * known))
    return found


def _critical_ceiling(violations: ViolationState, model: Calibration, now: int) -> float | None:
    """A critical violation stays open for a time and half open for as long again; no agent closes its own."""
    if violations.last_critical is None:
        return None
    age = now - violations.last_critical.at
    if age < model.critical_span:
        return model.parameters.ceilings.critical_open
    return model.parameters.ceilings.critical_later if age < 2 * model.critical_span else None
