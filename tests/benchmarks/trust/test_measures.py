"""The arithmetic of the validation."""

from array import array

import pytest

from benchmarks.trust.conducts import DAY, END, Label
from benchmarks.trust.driving import Trace
from benchmarks.trust.measures import (
    SCORED_FROM,
    Share,
    agent_days_below,
    level_changes,
    percentile,
    scored,
    separation,
    time_until_back,
    time_until_below,
)

MINUTES = int(END)


def trace(scores: list[float], onset: float = END) -> Trace:
    """A life whose last score lasts until the end."""
    filled = scores + [scores[-1]] * (MINUTES - len(scores))
    return Trace(Label.NORMAL, onset, 1.0, scores=array("d", filled), levels=array("b", [4] * MINUTES))


def test_separation_is_the_share_of_pairs_in_order_and_a_tie_is_half_a_pair() -> None:
    assert separation([1.0, 2.0], [3.0, 4.0]) == 1.0
    assert separation([3.0, 4.0], [1.0, 2.0]) == 0.0
    assert separation([2.0], [1.0, 2.0, 3.0, 4.0]) == 0.625


def test_wilsons_interval_of_a_share() -> None:
    low, high = Share(16, 20).interval
    assert (round(low, 3), round(high, 3)) == (0.584, 0.919)
    assert Share(0, 0).interval == (0.0, 1.0)


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0, float("inf")], 0.9) == float("inf")


def test_the_first_half_day_of_the_honest_and_the_time_before_its_onset_of_the_bad_do_not_count() -> None:
    assert len(scored(trace([50.0]))) == MINUTES - SCORED_FROM
    assert len(scored(trace([50.0], onset=DAY))) == MINUTES - DAY


def test_days_below_are_counted_once_each() -> None:
    one_bad_hour = trace([90.0] * SCORED_FROM + [40.0] * 60 + [90.0])
    below, days = agent_days_below([one_bad_hour, trace([90.0])], 50.0)
    assert (below, round(days, 6)) == (1, 9.0)


def test_times_begin_when_an_agent_turned_bad() -> None:
    bad = trace([60.0] * 100 + [90.0] * 1340 + [90.0] * 30 + [65.0] * 10 + [90.0], onset=DAY)
    assert time_until_below(bad, 70.0) == 31.0
    assert time_until_below(bad, 50.0) is None
    assert time_until_back(bad, 85.0, DAY + 30) == 10.0


def test_level_changes_are_of_a_day() -> None:
    life = trace([90.0])
    life.levels[int(2 * DAY)] = 3
    assert level_changes([life]) == pytest.approx(2 / 4.5)
