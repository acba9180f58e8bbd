"""P: weights, caps, repeats, order of severities, and a recovery that only time brings."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.messages.values import Severity
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.decay import decay_factor
from stream_processors.rules.evidence import EventRef, ViolationRow
from stream_processors.rules.violations import SEVERITIES, ViolationState, absorb_violation, pressure_at
from tests.stream_processors.rules.log_builder import DAY, HOUR, SECOND, START

NATS = [limits.nats for limits in DEFAULTS.severities]
CAPS = [limits.cap for limits in DEFAULTS.severities]

severities = st.sampled_from(SEVERITIES)
histories = st.lists(
    st.tuples(severities, st.sampled_from(["r", "s"]), st.integers(0, 2 * HOUR)), max_size=30
)


def event(number: int = 0) -> EventRef:
    return EventRef(number.to_bytes(16), 0)


def after(history: list[tuple[Severity, str, int]]) -> tuple[ViolationState, int]:
    state, now = ViolationState(at=START), START
    for number, (severity, rule, gap) in enumerate(history):
        now += gap
        absorb_violation(state, DEFAULTS, now, ViolationRow(rule, severity), event(number))
    return state, now


@pytest.mark.parametrize(("severity", "nats"), list(zip(SEVERITIES, NATS, strict=True)))
def test_one_violation_adds_the_nats_of_its_severity(severity: Severity, nats: float) -> None:
    state, now = after([(severity, "r", 0)])
    assert pressure_at(state, DEFAULTS, now) == nats


def test_a_retry_loop_is_not_a_hundred_offences() -> None:
    state, now = after([(Severity.HIGH, "r", SECOND)] * 3)
    assert pressure_at(state, DEFAULTS, now) == pytest.approx(0.30 * (1 + 1 / 2 + 1 / 3), rel=1e-3)


def test_after_a_minute_the_same_rule_counts_in_full_again() -> None:
    state, now = after([(Severity.HIGH, "r", 0), (Severity.HIGH, "r", 60 * SECOND)])
    assert pressure_at(state, DEFAULTS, now) == pytest.approx(0.60, rel=1e-3)


def test_a_mild_violation_does_not_make_a_grave_one_cheap() -> None:
    state, now = after([(Severity.LOW, "r", 0), (Severity.CRITICAL, "r", 1)])
    assert pressure_at(state, DEFAULTS, now) > NATS[-1]


@pytest.mark.parametrize(("severity", "cap"), list(zip(SEVERITIES, CAPS, strict=True)))
def test_each_severity_has_a_cap(severity: Severity, cap: float) -> None:
    state, now = after([(severity, str(number), 0) for number in range(200)])
    assert pressure_at(state, DEFAULTS, now) == cap


@given(histories, severities)
def test_a_violation_never_lowers_the_pressure_and_worse_never_weighs_less(
    history: list[tuple[Severity, str, int]], milder: Severity
) -> None:
    before, now = after(history)
    pressure = pressure_at(before, DEFAULTS, now)
    last = pressure
    for rank in range(SEVERITIES.index(milder), len(SEVERITIES)):
        state, _ = after(history)
        absorb_violation(state, DEFAULTS, now, ViolationRow("r", SEVERITIES[rank]), event(99))
        reached = pressure_at(state, DEFAULTS, now)
        assert reached >= pressure * (1 - 1e-12)
        # At its cap a severity adds nothing more, which only matters where trust is gone anyway.
        if state.pressures[rank] < CAPS[rank]:
            assert reached >= last * (1 - 1e-12)
            last = reached


@given(histories, severities, st.integers(0, 10 * DAY), st.integers(0, 10 * DAY))
def test_what_one_violation_added_can_be_taken_back(
    history: list[tuple[Severity, str, int]], severity: Severity, gap: int, later: int
) -> None:
    """Property 16: below the cap, what a violation weighed and what time left of it are all of its trace."""
    state, now = after(history)
    now += gap
    rank = SEVERITIES.index(severity)
    without = pressure_at(state, DEFAULTS, now + later)
    room = CAPS[rank] - state.pressures[rank]
    weighed = absorb_violation(state, DEFAULTS, now, ViolationRow("other", severity), event(99))
    assume(weighed.nats <= room)
    left = weighed.nats * decay_factor(now, now + later, DEFAULTS.severities[rank].half_life)
    assert pressure_at(state, DEFAULTS, now + later) - left == pytest.approx(without, abs=1e-9)


@given(histories, st.lists(st.integers(0, 10 * DAY), min_size=1, max_size=10))
def test_recovery_is_monotone(history: list[tuple[Severity, str, int]], waits: list[int]) -> None:
    state, now = after(history)
    last = pressure_at(state, DEFAULTS, now)
    for wait in sorted(waits):
        left = pressure_at(state, DEFAULTS, now + wait)
        assert 0.0 <= left <= last
        last = left


def test_the_two_heaviest_violations_are_kept_and_of_equals_the_newest() -> None:
    history = [
        (Severity.HIGH, "r", 0),
        (Severity.CRITICAL, "s", 0),
        (Severity.HIGH, "t", 0),
        (Severity.LOW, "u", 0),
    ]
    state, _ = after(history)
    assert [weighed.event for weighed in state.heaviest] == [event(1), event(2)]


@given(histories)
def test_what_is_kept_is_bounded(history: list[tuple[Severity, str, int]]) -> None:
    state, _ = after(history)
    assert len(state.heaviest) <= 2
    assert len(state.highs) <= 3
