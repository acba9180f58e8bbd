"""Each ceiling is in force exactly as long as its fact."""

import pytest

from schemas.messages.values import Severity
from stream_processors.rules.ceilings import (
    COLD_AGE,
    COLD_START,
    CRITICAL_OPEN,
    CRITICAL_SPAN,
    HIGH_OPEN_FOR,
    HIGHS_OPEN,
    SILENCE,
    ceilings_at,
)
from stream_processors.rules.evidence import EventRef
from stream_processors.rules.outcomes import OutcomeReading
from stream_processors.rules.presence import PresenceState, absorb_heartbeat, silent_from
from stream_processors.rules.violations import ViolationState, absorb_violation
from tests.stream_processors.rules.log_builder import DAY, START


def known(evidence: float = 1000.0) -> OutcomeReading:
    return OutcomeReading(0.9, 0.9, 0.0, 0.0, 2 * evidence, evidence, 0.0)


def ceilings(
    now: int, severities: list[Severity], *, evidence: float = 1000.0, stopped: bool = True
) -> dict[str, float]:
    violations = ViolationState()
    for number, severity in enumerate(severities):
        absorb_violation(violations, START + number, "r", severity, EventRef(bytes(16), number))
    presence = PresenceState(first_seen=START - DAY)
    absorb_heartbeat(presence, START, "inactive" if stopped else "active")
    return dict(ceilings_at(violations, presence, known(evidence), now))


def test_a_known_agent_in_order_has_none() -> None:
    assert ceilings(START, []) == {}


def test_a_critical_violation_is_open_for_a_week_and_half_open_for_another() -> None:
    assert ceilings(START + CRITICAL_SPAN - 1, [Severity.CRITICAL]) == {CRITICAL_OPEN: 40.0}
    assert ceilings(START + CRITICAL_SPAN, [Severity.CRITICAL]) == {CRITICAL_OPEN: 60.0}
    assert ceilings(START + 2 * CRITICAL_SPAN, [Severity.CRITICAL]) == {}


def test_three_open_high_violations_limit_and_two_do_not() -> None:
    assert ceilings(START + 9, [Severity.HIGH] * 2) == {}
    assert ceilings(START + 9, [Severity.HIGH] * 3) == {HIGHS_OPEN: 60.0}
    assert ceilings(START + HIGH_OPEN_FOR, [Severity.HIGH] * 3) == {}
    assert ceilings(START + HIGH_OPEN_FOR, [Severity.HIGH] * 4) == {HIGHS_OPEN: 60.0}


def test_ten_missed_intervals_are_silence() -> None:
    presence = PresenceState()
    absorb_heartbeat(presence, START, "active")
    silent = silent_from(presence)
    assert ceilings(silent - 1, [], stopped=False) == {}
    assert ceilings(silent, [], stopped=False) == {SILENCE: 50.0}


@pytest.mark.parametrize(
    ("evidence", "age", "value"),
    [(0.0, DAY, 60.0), (15.0, DAY, 80.0), (1000.0, 0, 60.0), (1000.0, COLD_AGE // 4, 70.0)],
)
def test_a_new_agent_is_limited_by_the_lesser_of_evidence_and_age(
    evidence: float, age: int, value: float
) -> None:
    presence = PresenceState(first_seen=START)
    found = ceilings_at(ViolationState(), presence, known(evidence), START + age)
    assert dict(found)[COLD_START] == pytest.approx(value)
