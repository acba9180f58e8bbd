"""A tenant's own patterns: RE2's syntax, bounded in number and size, searched in linear time."""

import re
from collections.abc import Iterator, Sequence

import re2

from privacy.detection import Finding
from privacy.effort import FINDING, Effort
from privacy.engine import Pattern
from privacy.labels import NAME_RULE, Label, is_valid_name
from schemas.privacy import OwnPattern

MAX_PATTERNS = 32
MAX_LENGTH = 500

# Instructions of the compiled program: what one character may cost at worst.
MAX_PROGRAM = 500

_MEMORY_BYTES = 2 * 1024 * 1024
_FIRST_WINDOW = 256

# Beginning or end of a text, perhaps; a text that stands in another has neither.
_ANCHOR = re.compile(r"\\[Az]|[$]|\^(?<!\[\^)")


class PatternError(ValueError):
    """A pattern cannot be used; the text says which, why, and what may be."""


class OwnPatterns:
    """The compiled patterns of a tenant."""

    def __init__(self, patterns: Sequence[OwnPattern]) -> None:
        """Compile them.

        Raises:
            PatternError: there are too many, two of a name, or one that is no use.
        """
        if len(patterns) > MAX_PATTERNS:
            raise PatternError(f"at most {MAX_PATTERNS} patterns can be kept, these are {len(patterns)}")
        names = [pattern.name for pattern in patterns]
        for name in names:
            if names.count(name) > 1:
                raise PatternError(f"{name}: there are two patterns of this name")
        self._compiled = [(pattern.name, _compile(pattern)) for pattern in patterns]
        self._anywhere = _compile_anywhere(patterns)

    def may_occur(self, encoded: bytes) -> bool:
        """Whether a text in this JSON may hold a match; without escapes the texts stand in it as they are."""
        if self._anywhere is None or b"\\" in encoded:
            return True
        return self._anywhere.search(encoded) is not None

    def find(self, text: bytes, effort: Effort) -> Iterator[Finding]:
        """All matches of each pattern; what a longer match covers may be found in pieces side by side."""
        for name, pattern in self._compiled:
            for start, end in _matches(pattern, text, effort):
                yield Finding(start, end, name, text[start:end])


def _compile(pattern: OwnPattern) -> Pattern:
    if not is_valid_name(pattern.name) or pattern.name in set(Label):
        raise PatternError(
            f"{pattern.name[:64]!r}: a pattern's name has {NAME_RULE}, and is none of {', '.join(Label)}"
        )
    if len(pattern.pattern) > MAX_LENGTH:
        raise PatternError(f"{pattern.name}: at most {MAX_LENGTH} characters, not {len(pattern.pattern)}")
    try:
        compiled = re2.compile(pattern.pattern.encode(), options=_options())
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if isinstance(error, re2.error) else "it is not Unicode"
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(
            f"{pattern.name}: {text} (the syntax is RE2's, without look-around or back-references)"
        ) from None
    if compiled.programsize > MAX_PROGRAM or compiled.reverseprogramsize > MAX_PROGRAM:
        raise PatternError(
            f"{pattern.name}: it makes a program of {max(compiled.programsize, compiled.reverseprogramsize)} "
            f"instructions, at most {MAX_PROGRAM} are taken: use smaller repetitions or character classes"
        )
    if compiled.search(b"") is not None:
        raise PatternError(f"{pattern.name}: it matches the empty text, and so everywhere")
    return compiled


def _compile_anywhere(patterns: Sequence[OwnPattern]) -> Pattern | None:
    """One pattern that matches any text around what one of these matches; None where that cannot be made."""
    if any(_ANCHOR.search(pattern.pattern) for pattern in patterns):
        return None
    together = "|".join(f"(?:{pattern.pattern})" for pattern in patterns)
    try:
        return re2.compile(together.encode(), options=_options())
    except re2.error:
        return None


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    return options


def _matches(pattern: Pattern, text: bytes, effort: Effort) -> Iterator[tuple[int, int]]:
    """Matches from left to right, in time proportional to the text whatever the pattern.

    A search may read to the end of a text and yet return a match of one byte, so that a search from each
    match's end would take time in proportion to the square. So it looks through a window that is doubled as
    long as nothing is found: what was read in vain before a match is at most four times what lies behind it.
    """
    position, size = 0, len(text)
    while position < size:
        effort.spend(FINDING)
        window = _FIRST_WINDOW
        match = pattern.search(text, position, position + window)
        while match is None and position + window < size:
            window *= 2
            match = pattern.search(text, position, position + window)
        if match is None:
            return
        start, end = match.span()
        end = _extended(pattern, text, start, end, position + window)
        if start == end:
            # Between two characters, as \b is: there is nothing to be masked.
            position = end + 1
            continue
        yield start, end
        position = end


def _extended(pattern: Pattern, text: bytes, start: int, end: int, edge: int) -> int:
    """The match's end where the window's edge cut it off; each step at least doubles what was read."""
    while end == edge < len(text):
        edge += max(edge - start, _FIRST_WINDOW)
        longer = pattern.match(text, start, edge)
        if longer is None or longer.end() <= end:
            break
        end = longer.end()
    return end
