"""An agent's part of totals is of the stretch of the log that is under way."""

from alert_engine.counters import COUNTERS
from alert_engine.shares import Amounts
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.counts import STRETCH, Counts, count, stretch_of
from stream_processors.rules.decay import DAY, SECOND

ONE = Amounts([1] * COUNTERS, {"spend/USD": 2})


def test_what_comes_in_a_stretch_is_added_up_by_the_rules_that_it_is_for() -> None:
    counts = count(None, "a/1", ONE, 5)
    counts = count(counts, "a/1", ONE, STRETCH - 1)
    counts = count(counts, "a/2 b/1", ONE, STRETCH - 1)
    assert (counts.stretch, counts.amounts) == (
        0,
        {"a/1": Amounts([2] * COUNTERS, {"spend/USD": 4}), "a/2 b/1": ONE},
    )
    assert count(counts, "a/1", ONE, STRETCH) == Counts(1, {"a/1": ONE})
    assert Amounts([1] * COUNTERS, {"spend/USD": 2}) == ONE


def test_a_stretch_is_over_with_the_first_record_of_the_next() -> None:
    assert stretch_of(-1) == -1
    assert not Counts(1).is_over(2 * STRETCH - 1)
    assert Counts(1).is_over(2 * STRETCH)


def test_a_stretch_of_ticks_is_shorter_than_any_agent_is_remembered() -> None:
    assert STRETCH * SECOND < DAY <= DEFAULTS.forget_after
