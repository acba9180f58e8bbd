"""RE2, the one matcher: linear in the text whatever text and pattern are (docs/decisions/0004)."""

from typing import Any

import msgspec
import re2

# What may stand before a value: nothing, no letter or digit, or an escape such as \n, of which texts that
# quote other texts are full.
LEFT = rb"(?:^|[^0-9A-Za-z]|\\[bfnrt])"

# The same where the text is encoded as JSON.
ENCODED_LEFT = rb"(?:^|[^0-9A-Za-z]|\\[bfnrt]|\\u00[01][0-9a-f])"

# A state machine that outgrows this is thrown away and built anew, which is slow but never wrong.
_MEMORY_BYTES = 16 * 1024 * 1024

# A pattern of a tenant, as the library's wrapper gives it.
Pattern = Any

UNANCHORED = re2._Anchor.UNANCHORED  # noqa: SLF001 - see BytesPattern


class Match(msgspec.Struct, gc=False):
    """Where a pattern and its groups were found: start and end of each, -1 for a group that took no part.

    The whole match stands first.
    """

    text: bytes
    spans: list[tuple[int, int]]

    def span(self, group: int = 0) -> tuple[int, int]:
        """Start and end of a group; group 0 is the whole match."""
        return self.spans[group]

    def start(self, group: int = 0) -> int:
        """Where a group starts."""
        return self.spans[group][0]

    def end(self, group: int = 0) -> int:
        """Where a group ends."""
        return self.spans[group][1]

    def group(self, group: int = 0) -> bytes:
        """What a group took, empty if nothing."""
        start, end = self.spans[group]
        return self.text[start:end]


class BytesPattern:
    """A pattern over bytes, searched without the library's wrapper, which takes as long as the search."""

    __slots__ = ("spans",)

    def __init__(self, pattern: bytes, *, groups: bool = True) -> None:
        """Compile it; a pattern that is none raises re2.error.

        `spans(UNANCHORED, text, start, end)` gives the spans of a `Match`, of which the first is negative if
        there is none.
        """
        options = _options()
        options.never_capture = not groups
        self.spans = re2.compile(pattern, options=options)._regexp.Match  # noqa: SLF001 - as said above

    def search(self, text: bytes, start: int = 0) -> Match | None:
        """The first match from `start` on, which is within the text."""
        spans = self.spans(UNANCHORED, text, start, len(text))
        return None if spans[0][0] < 0 else Match(text, spans)


def compile_bytes(pattern: bytes, *, groups: bool = True) -> BytesPattern:
    """A pattern of ours, over the bytes of UTF-8, where all that is not ASCII is 128 to 255.

    Without `groups` matches tell only where they are, and finding one takes half as long.
    """
    return BytesPattern(pattern, groups=groups)


def compile_set(patterns: list[bytes]) -> Any:  # noqa: ANN401 - the library ships no types
    """Patterns of ours together: its `Match(text)` gives the indexes of those that occur, or None."""
    together = re2.Set.SearchSet(_options())
    for pattern in patterns:
        together.Add(pattern)
    together.Compile()
    return together


def _options() -> re2.Options:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    return options
