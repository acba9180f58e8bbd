"""What came in the parts of a window: counts, or durations in classes; of bounded size."""

from bisect import bisect_left
from math import frexp, ldexp

import msgspec

from schemas.alert_rules import WINDOW_PARTS
from schemas.totals_block import MOST

# Each doubling of a duration has so many classes, so a percentile is right to some 6 %.
_CLASSES = 8
_PARTS = 2.0 * _CLASSES
# Milliseconds: shorter or longer ones are taken for these.
_SHORTEST = 0.01
_LONGEST = 1e9


class Series(msgspec.Struct, array_like=True, gc=False):
    """Sums of the parts of `width` milliseconds in which anything came, oldest first, by their numbers.

    It holds one part more than a window, as the newest has only begun: a window is never shorter than was
    asked for, and at most one part longer.
    """

    width: int
    parts: list[int] = msgspec.field(default_factory=list)
    sums: list[int] = msgspec.field(default_factory=list)

    def add(self, moment: int, amount: int) -> None:
        """Add what came at `moment` (ms), not before the newest part."""
        part = moment // self.width
        if self.parts and self.parts[-1] == part:
            self.sums[-1] = min(MOST, self.sums[-1] + amount)
            return
        gone = _outdated(self.parts, part)
        del self.parts[:gone], self.sums[:gone]
        self.parts.append(part)
        self.sums.append(min(MOST, amount))

    def total(self, now: int, parts: int = WINDOW_PARTS + 1) -> int:
        """What came in the last `parts` parts, of which the newest has begun at `now`."""
        return sum_of(self.sums[bisect_left(self.parts, now // self.width + 1 - parts) :])

    def total_of_window(self, window: int) -> int:
        """What came in the window of that number, counted from 1970."""
        first, last = _span(self.parts, window)
        return sum_of(self.sums[first:last])


class Durations(msgspec.Struct, array_like=True, gc=False):
    """As a series, of how many durations fell in which class."""

    width: int
    parts: list[int] = msgspec.field(default_factory=list)
    classes: list[dict[int, int]] = msgspec.field(default_factory=list)

    def add(self, moment: int, counts: dict[int, int]) -> None:
        """Add what came at `moment` (ms), by class; not before the newest part."""
        part = moment // self.width
        if self.parts and self.parts[-1] == part:
            newest = self.classes[-1]
            for number, count in counts.items():
                newest[number] = newest.get(number, 0) + count
            return
        gone = _outdated(self.parts, part)
        del self.parts[:gone], self.classes[:gone]
        self.parts.append(part)
        self.classes.append(dict(counts))

    def total(self, now: int, parts: int = WINDOW_PARTS + 1) -> dict[int, int]:
        """How many of each class came in the last `parts` parts, of which the newest has begun at `now`."""
        return _merged(self.classes[bisect_left(self.parts, now // self.width + 1 - parts) :])

    def total_of_window(self, window: int) -> dict[int, int]:
        """How many of each class came in the window of that number."""
        first, last = _span(self.parts, window)
        return _merged(self.classes[first:last])


def class_of(milliseconds: float) -> int:
    """The class of a duration: equal parts of each doubling."""
    if not _SHORTEST <= milliseconds <= _LONGEST:
        milliseconds = _SHORTEST if milliseconds < _SHORTEST else _LONGEST
    mantissa, exponent = frexp(milliseconds)
    return exponent * _CLASSES + int((mantissa - 0.5) * _PARTS)


def middle_of(number: int) -> float:
    """The duration in the middle of a class; milliseconds."""
    exponent, part = divmod(number, _CLASSES)
    return ldexp(0.5 + (part + 0.5) / (2 * _CLASSES), exponent)


def percentile(counts: dict[int, int], percent: int) -> float:
    """The duration that so many of a hundred do not exceed; there is one at least."""
    most = sum_of(list(counts.values())) * percent
    below = 0
    for number in sorted(counts):
        below += counts[number] * 100
        if below >= most:
            return middle_of(number)
    return middle_of(max(counts))


def sum_of(numbers: list[int]) -> int:
    """The sum; written out, as of floats `sum` would differ between versions of Python."""
    total = 0
    for number in numbers:
        total += number
    return total


def _outdated(parts: list[int], newest: int) -> int:
    """How many parts lie before the window that ends in `newest`."""
    return bisect_left(parts, newest - WINDOW_PARTS)


def _span(parts: list[int], window: int) -> tuple[int, int]:
    first = window * WINDOW_PARTS
    return bisect_left(parts, first), bisect_left(parts, first + WINDOW_PARTS)


def _merged(classes: list[dict[int, int]]) -> dict[int, int]:
    merged: dict[int, int] = {}
    for counts in classes:
        for number, count in counts.items():
            merged[number] = merged.get(number, 0) + count
    return merged
