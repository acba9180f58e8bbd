"""Ceilings: the few facts that are not a matter of degree, and limit the score whatever else is good."""

from typing import NamedTuple

from stream_processors.rules.decay import DAY, HOUR
from stream_processors.rules.outcomes import OutcomeReading
from stream_processors.rules.presence import PresenceState, is_silent
from stream_processors.rules.violations import ViolationState

CRITICAL_OPEN = "critical_violation_open"
HIGHS_OPEN = "high_violations_open"
SILENCE = "silence"
COLD_START = "cold_start"

NAMES = (CRITICAL_OPEN, HIGHS_OPEN, SILENCE, COLD_START)

CRITICAL_CEILING = 40.0
CRITICAL_LATER_CEILING = 60.0
CRITICAL_SPAN = 7 * DAY

HIGHS_CEILING = 60.0
HIGHS_NEEDED = 3
HIGH_OPEN_FOR = 7 * DAY

SILENCE_CEILING = 50.0

COLD_CEILING = 60.0
COLD_EVIDENCE = 30.0
COLD_AGE = 6 * HOUR


class Ceiling(NamedTuple):
    """A limit in force."""

    name: str
    value: float


def ceilings_at(
    violations: ViolationState, presence: PresenceState, outcomes: OutcomeReading, now: int
) -> list[Ceiling]:
    """The ceilings in force at `now`, in a fixed order; reads only."""
    found = []
    critical = _critical_ceiling(violations, now)
    if critical is not None:
        found.append(Ceiling(CRITICAL_OPEN, critical))
    if len(violations.highs) >= HIGHS_NEEDED and now < violations.highs[0].at + HIGH_OPEN_FOR:
        found.append(Ceiling(HIGHS_OPEN, HIGHS_CEILING))
    if is_silent(presence, now):
        found.append(Ceiling(SILENCE, SILENCE_CEILING))
    # Successes only: a new agent must not become better known, and so better trusted, by failing.
    known = min(1.0, outcomes.successes / COLD_EVIDENCE, (now - presence.first_seen) / COLD_AGE)
    if known < 1.0:
        found.append(Ceiling(COLD_START, COLD_CEILING + (100.0 - COLD_CEILING) * known))
    return found


def _critical_ceiling(violations: ViolationState, now: int) -> float | None:
    """A critical violation stays open for a week and half open for another: an agent cannot close its own."""
    if violations.last_critical is None:
        return None
    age = now - violations.last_critical.at
    if age < CRITICAL_SPAN:
        return CRITICAL_CEILING
    return CRITICAL_LATER_CEILING if age < 2 * CRITICAL_SPAN else None
