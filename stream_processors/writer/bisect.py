"""Finding the rows that ClickHouse refuses: which runs of lines to try, one after the other; pure."""

from collections.abc import Generator
from typing import NamedTuple


class Piece(NamedTuple):
    """Lines `start` to `end` (excluded) of a table's rows in a chunk."""

    start: int
    end: int

    def token(self, whole: str) -> str:
        """The piece's own deduplication token, made from that of the whole."""
        return f"{whole}:{self.start}-{self.end}"


def bisect(lines: int) -> Generator[Piece, bool, list[int]]:
    """Yield pieces to insert; send back whether each was accepted; returns the single lines that were not.

    It begins with the halves, because the whole was refused. The pieces are a function of the answers alone,
    so a successor that gets the same answers uses the same tokens.
    """
    refused: list[int] = []
    waiting = _halves(Piece(0, lines)) if lines > 1 else [Piece(0, lines)]
    while waiting:
        piece = waiting.pop()
        accepted = yield piece
        if accepted:
            continue
        if piece.end - piece.start > 1:
            waiting += _halves(piece)
        else:
            refused.append(piece.start)
    return refused


def _halves(piece: Piece) -> list[Piece]:
    """The two halves, the first one last: the next to be popped."""
    middle = (piece.start + piece.end) // 2
    return [Piece(middle, piece.end), Piece(piece.start, middle)]
