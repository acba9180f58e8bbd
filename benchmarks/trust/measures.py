"""How well scores tell the bad from the good: false alarms, times to detection, separation; pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, sqrt
from typing import NamedTuple

from benchmarks.trust.conducts import DAY, END
from benchmarks.trust.driving import Trace

WATCH = 70.0
RESTRICTED = 50.0

# The first half day is not scored: everybody is new then.
SCORED_FROM = int(DAY / 2)

_Z_95 = 1.96


class Share(NamedTuple):
    """`found` of `total`, with Wilson's 95 % interval."""

    found: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and the upper bound of the share."""
        if not self.total:
            return 0.0, 1.0
        share, n = self.found / self.total, self.total
        centre = share + _Z_95 * _Z_95 / (2 * n)
        half = _Z_95 * sqrt(share * (1 - share) / n + _Z_95 * _Z_95 / (4 * n * n))
        scale = 1 + _Z_95 * _Z_95 / n
        return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def scored(trace: Trace, scores: Sequence[float] | None = None) -> Sequence[float]:
    """The minutes that count: all but the first half day, of a bad agent from when it turned bad."""
    start = SCORED_FROM if trace.onset >= END else ceil(trace.onset)
    return (trace.scores if scores is None else scores)[start:]


def mean(values: Sequence[float]) -> float:
    """Their mean; NaN of none."""
    return sum(values) / len(values) if values else float("nan")


def percentile(values: Iterable[float], share: float) -> float:
    """By the nearest rank; NaN of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def separation(bad: Sequence[float], good: Sequence[float]) -> float:
    """The probability that a bad agent is below a good one (AUC; a tie counts half)."""
    ordered = sorted(good)
    above = sum(
        len(ordered) - (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 for value in bad
    )
    return above / (len(bad) * len(ordered))


def agent_days_below(traces: Iterable[Trace], threshold: float) -> tuple[int, float]:
    """On how many of the agents' days a score was below `threshold`, and how many days there were."""
    below, days = 0, 0.0
    for trace in traces:
        minutes = scored(trace)
        days += len(minutes) / DAY
        for start in range(0, len(minutes), int(DAY)):
            below += min(minutes[start : start + int(DAY)]) < threshold
    return below, days


def level_changes(traces: Iterable[Trace]) -> float:
    """Changes of level for each agent and day."""
    changes, days = 0, 0.0
    for trace in traces:
        levels = trace.levels[SCORED_FROM:]
        changes += sum(one != other for one, other in pairwise(levels))
        days += len(levels) / DAY
    return changes / days


def time_until_below(trace: Trace, threshold: float) -> float | None:
    """Minutes from when an agent turned bad until its score was below `threshold`."""
    for minute in range(int(trace.onset), len(trace.scores)):
        if trace.scores[minute] < threshold:
            return max(0.0, minute + 1 - trace.onset)
    return None


def time_until_back(trace: Trace, threshold: float, since: float) -> float:
    """Minutes from `since` until the score was at `threshold` again; infinite when it never was."""
    for minute in range(int(since), len(trace.scores)):
        if trace.scores[minute] >= threshold:
            return minute - since
    return float("inf")
