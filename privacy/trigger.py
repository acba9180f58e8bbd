"""Which rows of a request may hold something, found in one pass over all of them encoded."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from privacy.detection import DataClass, Detector
from privacy.detectors.registry import detectors_of
from privacy.engine import compile_set
from privacy.gate import Gate

# Where a text is all candidates, asking of each row what it holds is quicker than hearing of each candidate.
_MATCHES_A_ROW = 8


class Suspect(NamedTuple):
    """A row that has to be looked at, and by whom."""

    row: int
    detectors: tuple[Detector, ...]


class Trigger:
    """Asks for all detectors together; a row that is named may still turn out to hold nothing."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        """Watch for what these detectors find."""
        self._detectors = detectors
        self._gate = Gate([detector.gate or detector.trigger for detector in detectors])
        self._which = compile_set([detector.trigger for detector in detectors])

    def detectors_for(self, encoded: bytes) -> tuple[Detector, ...]:
        """Those that may find something in this JSON text."""
        return tuple(self._detectors[index] for index in self._which.Match(encoded) or ())

    def suspects(self, rows: Sequence[bytes], lines: bytes) -> list[Suspect]:
        """The rows that may hold something, in order; each is JSON, and `lines` are all of them as lines."""
        most = _MATCHES_A_ROW * len(rows)
        ends = self._gate.ends(lines, most)
        candidates = range(len(rows)) if len(ends) > most else _lines_of(ends, lines)
        return [Suspect(row, found) for row in candidates if (found := self.detectors_for(rows[row]))]


def _lines_of(ends: Sequence[int], lines: bytes) -> list[int]:
    """The numbers of the lines in which matches end, in order."""
    numbers: list[int] = []
    number = counted = 0
    for end in ends:
        # The byte before the end is the last one of the match.
        number += lines.count(b"\n", counted, end - 1)
        counted = end - 1
        if not numbers or numbers[-1] != number:
            numbers.append(number)
    return numbers


def trigger_of(classes: frozenset[DataClass]) -> Trigger | None:
    """The trigger of all detectors of these classes, made once; None where there are none.

    Making one takes up to a quarter of a second: see `make_triggers`.
    """
    return _trigger_of(detectors_of(classes))


def make_triggers() -> None:
    """Make every trigger that a policy can ask for, before any request waits for it."""
    for classes in (
        {DataClass.SECRETS},
        {DataClass.PERSONAL_DATA},
        {DataClass.SECRETS, DataClass.PERSONAL_DATA},
    ):
        trigger_of(frozenset(classes))


@lru_cache
def _trigger_of(detectors: tuple[Detector, ...]) -> Trigger | None:
    return Trigger(detectors) if detectors else None
