"""Which rows of a request may hold something, found in one pass over all of them encoded."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from privacy.detection import DataClass, Detector
from privacy.detectors.registry import detectors_of
from privacy.engine import compile_bytes, compile_set
from privacy.gate import Gate


class Suspect(NamedTuple):
    """A row that has to be looked at, and by whom."""

    row: int
    detectors: tuple[Detector, ...]


class Trigger:
    """Asks for all detectors together; a row that is named may still turn out to hold nothing."""

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        """Watch for what these detectors find."""
        patterns = [detector.trigger for detector in detectors]
        self._detectors = detectors
        self._any = compile_bytes(b"|".join([b"(?:%b)" % pattern for pattern in patterns]))
        self._which = compile_set(patterns)
        only_secrets = all(detector.data_class is DataClass.SECRETS for detector in detectors)
        self._gate = Gate(patterns) if only_secrets else None

    def detectors_for(self, encoded: bytes) -> tuple[Detector, ...]:
        """Those that may find something in this JSON text."""
        return tuple(self._detectors[index] for index in self._which.Match(encoded) or ())

    def suspects(self, rows: Sequence[bytes], lines: bytes) -> list[Suspect]:
        """The rows that may hold something, in order; each is JSON, and `lines` are all of them as lines."""
        if self._gate is not None and not self._gate.opens_for(lines):
            return []
        match = self._any.search(lines)
        if match is None:
            return []
        suspects = []
        index, start = 0, 0
        while match is not None:
            # The byte before its end, as it may begin with the newline before its row.
            inside = match.end() - 1
            index += lines.count(b"\n", start, inside)
            suspects.append(Suspect(index, self.detectors_for(rows[index])))
            start = lines.find(b"\n", inside) + 1
            if not start:
                break
            index += 1
            match = self._any.search(lines, start)
        return suspects


@lru_cache
def trigger_of(classes: frozenset[DataClass]) -> Trigger | None:
    """The trigger of all detectors of these classes, made once; None where there are none."""
    detectors = detectors_of(classes)
    return Trigger(detectors) if detectors else None
