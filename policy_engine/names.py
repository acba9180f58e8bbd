"""Names in policies, of agents, tools and actions: case counts, and `*` stands for any characters."""

from collections.abc import Iterable

from schemas.policy import ANYTHING


class Names:
    """Some names and patterns, asked whether a text is among them."""

    __slots__ = ("_exact", "_patterns")

    def __init__(self, names: Iterable[str]) -> None:
        """Take names as they are; one with a `*` is a pattern."""
        self._exact: set[str] = set()
        self._patterns: list[list[str]] = []
        for name in names:
            if ANYTHING in name:
                self._patterns.append(name.split(ANYTHING))
            else:
                self._exact.add(name)

    @property
    def is_anything(self) -> bool:
        """Whether any text is among them, as one of the names is `*` alone."""
        return ["", ""] in self._patterns

    def __contains__(self, text: str) -> bool:
        """Whether a name equals the text or a pattern matches it, in time linear in the text for each."""
        return text in self._exact or any(_matches(pieces, text) for pieces in self._patterns)


def _matches(pieces: list[str], text: str) -> bool:
    """Whether the text begins with the first piece, ends with the last, and the others stand between."""
    first, *between, last = pieces
    end = len(text) - len(last)
    if end < len(first) or not (text.startswith(first) and text.endswith(last)):
        return False
    position = len(first)
    for piece in between:
        # The earliest place leaves most to those that follow.
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True
