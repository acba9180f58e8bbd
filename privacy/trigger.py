"""Which rows of a request may hold something, found in one pass over all of them encoded."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from privacy.detection import DataClass, Detector
from privacy.detectors.registry import detectors_of
from privacy.engine import compile_set
from privacy.gate import Gate, Opening

# Where a text is all candidates, asking of each row what it holds is quicker than hearing of each candidate.
_MATCHES_A_ROW = 8


class Suspect(NamedTuple):
    """A row that has to be looked at, by whom, and where in its JSON.

    Whatever is found lies in a value within whose JSON one of `ends` lies; without any it may be anywhere.
    """

    row: int
    detectors: tuple[Detector, ...]
    ends: Sequence[int] = ()


class Trigger:
    """Asks for all detectors together; a row that is named may still turn out to hold nothing."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        """Watch for what these detectors find."""
        self._detectors = detectors
        self._gate = Gate([detector.gate or detector.trigger for detector in detectors])
        self._which = compile_set([detector.trigger for detector in detectors])
        self._chosen: dict[int, tuple[Detector, ...]] = {}

    def detectors_for(self, encoded: bytes) -> tuple[Detector, ...]:
        """Those that may find something in this JSON text, in their order (as `_chosen_by`)."""
        return tuple(self._detectors[index] for index in sorted(self._which.Match(encoded) or ()))

    def suspects(self, rows: Sequence[bytes], lines: bytes) -> list[Suspect]:
        """The rows that may hold something, in order; each is JSON, and `lines` are all of them as lines."""
        most = _MATCHES_A_ROW * len(rows)
        matches = self._gate.matches(lines, most)
        if len(matches) > most:
            asked = [Suspect(index, self.detectors_for(row)) for index, row in enumerate(rows)]
            return [suspect for suspect in asked if suspect.detectors]
        return self._by_row(matches, rows, lines)

    def _by_row(self, matches: Sequence[Opening], rows: Sequence[bytes], lines: bytes) -> list[Suspect]:
        """The rows in which matches end, in order; nobody is asked who has no match there."""
        found: list[Suspect] = []
        row, start, end_of_line, bits = -1, 0, 0, 0
        ends: list[int] = []
        for end, pattern in matches:
            # The byte before the end is the last one of the match.
            if end > end_of_line:
                if ends:
                    found.append(Suspect(row, self._chosen_by(bits), ends))
                start = lines.rfind(b"\n", 0, end - 1) + 1
                end_of_line = lines.find(b"\n", end - 1)
                if end_of_line < 0:
                    end_of_line = len(lines)
                # A row before it with the same bytes would have been named before: they hold the same.
                row = rows.index(lines[start:end_of_line], row + 1)
                bits, ends = 0, []
            bits |= 1 << pattern
            ends.append(end - start)
        if ends:
            found.append(Suspect(row, self._chosen_by(bits), ends))
        return found

    def _chosen_by(self, bits: int) -> tuple[Detector, ...]:
        """The detectors whose bits are set, in their order: that decides between findings in one place."""
        chosen = self._chosen.get(bits)
        if chosen is None:
            chosen = self._chosen[bits] = tuple(
                detector for index, detector in enumerate(self._detectors) if bits >> index & 1
            )
        return chosen


@lru_cache
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
