"""What a detector is: a trigger for whole requests, and a search through one text."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from privacy.effort import DISAPPOINTMENT, FINDING, Effort
from privacy.engine import UNANCHORED, BytesPattern, Match


class DataClass(StrEnum):
    """What a policy has a mode for."""

    PERSONAL_DATA = "personal_data"
    SECRETS = "secrets"
    OWN_PATTERNS = "own_patterns"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """Something to be masked: where it is, and the form that is the same however it is written."""

    start: int
    end: int
    label: str
    normal_form: bytes


# Looking for a shape takes as long as the search itself where the text has more characters.
_SHORT = 64

Find = Callable[[bytes, Effort], list[Finding]]
Judge = Callable[[bytes, Match], Finding | None]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Detector:
    """Finds one kind of thing.

    `trigger` is a pattern that occurs in the JSON encoding of every text in which `find` finds something. It
    is small, and matches no newline, so that many texts can be searched as lines of one.
    `gate` occurs wherever the trigger does, and oftener: without what stands before a value, and with short
    endings, Hyperscan is three times as fast. Without one the trigger is its own.
    A text that has less than `shortest` characters, or none of `hints`, or nothing like `shape`, holds
    nothing; without hints and shape any may.
    """

    data_class: DataClass
    trigger: bytes
    gate: bytes | None = None
    find: Find
    shortest: int
    hints: tuple[str, ...] = ()
    shape: re.Pattern[str] | None = None

    def may_find(self, text: str) -> bool:
        """Whether it is worth while to search, which costs as much as twenty of these questions."""
        if len(text) < self.shortest:
            return False
        if self.shape is not None and len(text) < _SHORT:
            return self.shape.search(text) is not None
        if not self.hints:
            return True
        for hint in self.hints:  # noqa: SIM110 - a generator costs more than all the rest
            if hint in text:
                return True
        return False


def search(
    pattern: BytesPattern,
    judge: Judge,
    *,
    whole_runs: bool = False,
    shortest: int = 1,
    hints: tuple[bytes, ...] = (),
) -> Find:
    """Look at each match, from left to right; `judge` says what was found, if it is something.

    After a match that is nothing the search goes on one byte further. That takes time in proportion to the
    text only if matches are bounded in length: a pattern that takes whole runs of characters, of which no
    part can be anything either, is searched on from its end. No match has less than
    `shortest` bytes, and each holds one of `hints` where there are any.
    """
    spans_in = pattern.spans

    def find(text: bytes, effort: Effort) -> list[Finding]:
        found: list[Finding] = []
        position, size = 0, len(text)
        while position <= size - shortest:
            spans = spans_in(UNANCHORED, text, position, size)
            start, end = spans[0]
            if start < 0:
                break
            finding = judge(text, Match(text, spans))
            if finding is not None:
                effort.spend(FINDING)
                found.append(finding)
                position = finding.end
                if hints and not _holds_any(text, position, hints):
                    break
            else:
                effort.spend(DISAPPOINTMENT)
                position = end if whole_runs else start + 1
        return found

    return find


def _holds_any(text: bytes, start: int, hints: tuple[bytes, ...]) -> bool:
    for hint in hints:  # noqa: SIM110 - as above
        if text.find(hint, start) >= 0:
            return True
    return False
