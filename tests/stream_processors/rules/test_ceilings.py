"""Each ceiling is in force exactly as long as its fact."""

import pytest

from schemas.messages.values import Severity
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.ceilings import COLD_START, CRITICAL_OPEN, HIGHS_OPEN, SILENCE, ceilings_at
from stream_processors.rules.evidence import EventRef, ViolationRow
from stream_processors.rules.outcomes import OutcomeReading
from stream_processors.rules.presence import PresenceState, absorb_heartbeat, silent_from
from stream_processors.rules.violations import ViolationState, absorb_violation
from tests.stream_processors.rules.log_builder import DAY, HOUR, START

WEEK = 7 * DAY


def known(evidence: float = 1000.0) -> OutcomeReading:
    return OutcomeReading(0.9, 0.9, 0.0, 0.0, 2 * evidence, evidence, 0.0)


def ceilings(
    now: int, severities: list[Severity], *, evidence: float = 1000.0, stopped: bool = True
) -> dict[str, float]:
    violations = ViolationState()
    for number, severity in enumerate(severities):
        row = ViolationRow("r", severity)
        absorb_violation(violations, DEFAULTS, START + number, row, EventRef(bytes(16), number))
    presence = PresenceState(first_seen=START - DAY)
    absorb_heartbeat(presence, START, "inactive" if stopped else "active")
    return dict(ceilings_at(violations, presence, known(evidence), DEFAULTS, now))


def test_a_known_agent_in_order_has_none() -> None:
    assert ceilings(START, []) == {}


def test_a_critical_violation_is_open_for_a_week_and_half_open_for_another() -> None:
    assert ceilings(START + WEEK - 1, [Severity.CRITICAL]) == {CRITICAL_OPEN: 40.0}
    assert ceilings(START + WEEK, [Severity.CRITICAL]) == {CRITICAL_OPEN: 60.0}
    assert ceilings(START + 2 * WEEK, [Severity.CRITICAL]) == {}


def test_three_open_high_violations_limit_and_two_do_not() -> None:
    assert ceilings(START + 9, [Severity.HIGH] * 2) == {}
    assert ceilings(START + 9, [Severity.HIGH] * 3) == {HIGHS_OPEN: 60.0}
    assert ceilings(START + WEEK, [Severity.HIGH] * 3) == {}
    assert ceilings(START + WEEK, [Severity.HIGH] * 4) == {HIGHS_OPEN: 60.0}


def test_ten_missed_intervals_are_silence() -> None:
    presence = PresenceState()
    absorb_heartbeat(presence, START, "active")
    silent = silent_from(presence, 10)
    assert ceilings(silent - 1, [], stopped=False) == {}
    assert ceilings(silent, [], stopped=False) == {SILENCE: 49.0}


@pytest.mark.parametrize(
    ("evidence", "age", "value"),
    [(0.0, DAY, 60.0), (15.0, DAY, 80.0), (1000.0, 0, 60.0), (1000.0, 6 * HOUR // 4, 70.0)],
)
def test_a_new_agent_is_limited_by_the_lesser_of_evidence_and_age(
    evidence: float, age: int, value: float
) -> None:
    presence = PresenceState(first_seen=START)
    found = ceilings_at(ViolationState(), presence, known(evidence), DEFAULTS, START + age)
    assert dict(found)[COLD_START] == pytest.approx(value)
