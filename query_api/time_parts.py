"""A time range taken apart, the newest part first: a page mostly lies in what is new; pure."""

from collections.abc import Sequence

DAY_MS = 24 * 60 * 60 * 1000
WEEK_MS = 7 * DAY_MS

# From when to before when, in milliseconds; None leaves that side open.
Part = tuple[int | None, int | None]


def newest_parts(start: int | None, end: int | None, newest: int, lengths: Sequence[int]) -> list[Part]:
    """Parts of a range that are all of it together and have nothing in common.

    Each but the last begins one of the `lengths`, which grow, before `newest`; the first goes on to the
    range's own end, however much later that is.
    """
    parts: list[Part] = []
    for length in lengths:
        begin = newest - length
        if begin < 0 or (start is not None and begin <= start):
            break
        parts.append((begin, end))
        end = begin
    return [*parts, (start, end)]
