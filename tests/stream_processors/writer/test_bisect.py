"""Bisection takes out exactly the poison rows, with tokens that a successor computes alike."""

from hypothesis import given
from hypothesis import strategies as st

from stream_processors.writer.bisect import Piece, bisect


def _search(lines: int, poison: set[int]) -> tuple[list[int], list[Piece], list[Piece]]:
    """The refused lines, the pieces tried and those accepted."""
    search = bisect(lines)
    tried, accepted = [], []
    piece = next(search)
    while True:
        tried.append(piece)
        is_sound = poison.isdisjoint(range(piece.start, piece.end))
        if is_sound:
            accepted.append(piece)
        try:
            piece = search.send(is_sound)
        except StopIteration as end:
            return list(end.value), tried, accepted


@given(st.integers(1, 300), st.sets(st.integers(0, 299)))
def test_every_line_is_accepted_once_or_refused(lines: int, drawn: set[int]) -> None:
    poison = {n for n in drawn if n < lines}
    refused, tried, accepted = _search(lines, poison)

    stored = [line for piece in accepted for line in range(piece.start, piece.end)]
    assert refused == sorted(poison)
    assert stored == [n for n in range(lines) if n not in poison]
    assert len({piece.token("t") for piece in tried}) == len(tried)
    assert _search(lines, poison) == (refused, tried, accepted)


def test_the_whole_is_not_tried_again() -> None:
    assert next(bisect(10)) == Piece(0, 5)


def test_one_poison_row_costs_few_inserts() -> None:
    _, tried, _ = _search(4096, {1234})

    assert len(tried) <= 2 * 12


def test_a_pieces_token_is_its_own() -> None:
    assert Piece(5, 10).token("t:0:1:2:logs") == "t:0:1:2:logs:5-10"
