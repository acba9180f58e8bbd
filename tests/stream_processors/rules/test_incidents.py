"""I: a burst is an incident, one outage costs little, repetition escalates, short bursts are found too."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.context import Context
from stream_processors.rules.incidents import IncidentState, absorb_sequence, incident_pressure
from stream_processors.rules.judging import AGAIN, CORRECTION, FIRST, Judged
from stream_processors.rules.outcomes import Weighed
from tests.stream_processors.rules.log_builder import DAY, HOUR, MINUTE, SECOND, START

BATCH = bytes(16)
COST = DEFAULTS.parameters.incidents.cost
CAP = DEFAULTS.parameters.incidents.cap


class Life:
    """An agent's outcomes, one at a time, against an own rate of failure."""

    def __init__(self, own_rate: float = 0.02) -> None:
        self.state = IncidentState()
        self.now = START
        self._ratio = 1.0 - own_rate

    def do(self, *successes: bool, gap: int = MINUTE, word: int = FIRST) -> bool:
        """Each some time after the one before; whether any was bad news."""
        bad = False
        for success in successes:
            self.now += gap
            judged: list[Judged] = [(7, 0, success, 1.0, word, None)]
            context = Context(DEFAULTS, self.now, BATCH)
            bad |= absorb_sequence(self.state, context, judged, Weighed(self._ratio, [1.0]))
        return bad

    def burst(self, length: int = 6) -> None:
        """Failures in a row, then an hour and a half in order."""
        self.do(*[False] * length)
        self.do(*[True] * 90)

    @property
    def pressure(self) -> float:
        return incident_pressure(self.state, DEFAULTS, self.now)


def test_work_in_order_is_no_incident() -> None:
    life = Life()
    assert not life.do(*[True] * 1000)
    life.do(*([True] * 49 + [False]) * 20)
    assert life.pressure == 0.0


def test_a_burst_is_an_incident_with_its_event() -> None:
    life = Life()
    life.burst()
    assert life.pressure == pytest.approx(COST, rel=0.1)
    assert life.state.event is not None
    assert life.state.event.seq == 7


def test_one_outage_is_one_incident_however_long() -> None:
    life = Life()
    life.do(*[False] * 55)
    life.do(True, True)
    assert life.pressure <= COST


def test_an_agent_that_often_fails_needs_a_longer_burst() -> None:
    careful, noisy = Life(0.02), Life(0.1)
    for life in (careful, noisy):
        life.do(*[False] * 4, True)
    assert careful.pressure > 0.0
    assert noisy.pressure == 0.0


def test_repetition_escalates_up_to_a_cap() -> None:
    life = Life()
    costs = []
    for _ in range(12):
        before = life.pressure
        life.burst()
        costs.append(life.pressure - before)
    assert costs[1] > costs[0]
    assert costs[2] > costs[1]
    assert life.pressure <= CAP


def test_the_tries_of_a_retried_call_are_one_failure() -> None:
    life = Life()
    for _ in range(48):
        life.do(False, False, False, gap=SECOND)
        life.do(*[True] * 30)
    assert life.pressure == 0.0


def test_a_second_word_on_a_call_is_no_second_observation() -> None:
    life = Life()
    life.do(*[False] * 100, word=AGAIN)
    assert life.pressure == 0.0


def test_a_failure_that_the_agent_claimed_for_a_success_is_a_failure() -> None:
    honest, liar = Life(), Life()
    for _ in range(6):
        honest.do(False)
        liar.do(True)
        liar.do(False, gap=SECOND, word=CORRECTION)
        liar.now -= SECOND
    honest.do(True)
    liar.do(True)
    assert liar.pressure == pytest.approx(honest.pressure, rel=1e-3)
    assert liar.pressure > 0.0


def bursty(seed: int, *, burst_rate: float, days: int = 3) -> Life:
    """A call every three minutes, 1 in 50 failing; a burst of seven minutes every three hours."""
    source = random.Random(seed)  # noqa: S311 - a repeatable choice, not a secret
    life = Life(0.05)
    for _ in range(days * DAY // (3 * MINUTE)):
        in_burst = life.now % (3 * HOUR) < 7 * MINUTE
        life.do(source.random() >= (burst_rate if in_burst else 0.02), gap=3 * MINUTE)
    return life


def test_short_bursts_that_recur_are_found_and_independent_failures_are_not() -> None:
    found = [bursty(seed, burst_rate=0.9).pressure for seed in range(10)]
    honest = [bursty(seed, burst_rate=0.02).pressure for seed in range(10)]
    assert sum(pressure > 0.25 for pressure in found) >= 9
    assert max(honest) == 0.0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2 * HOUR)), max_size=80), st.integers(0, 60 * DAY))
def test_the_pressure_is_bounded_and_only_time_lowers_it(history: list[tuple[bool, int]], later: int) -> None:
    life = Life()
    for success, gap in history:
        before = incident_pressure(life.state, DEFAULTS, life.now + gap)
        life.do(success, gap=gap)
        assert before - 1e-12 <= life.pressure <= CAP
    assert incident_pressure(life.state, DEFAULTS, life.now + later) <= life.pressure
