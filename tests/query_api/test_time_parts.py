"""The parts of a time range are all of it, and nothing twice."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from query_api.time_parts import newest_parts

TIMES = st.none() | st.integers(0, 2**42)
LENGTHS = st.lists(st.integers(1, 2**40), unique=True).map(sorted)


@given(start=TIMES, end=TIMES, newest=st.integers(0, 2**42), lengths=LENGTHS)
def test_parts_join_without_gaps_and_cover_what_is_asked(
    start: int | None, end: int | None, newest: int, lengths: list[int]
) -> None:
    parts = newest_parts(start, end, newest, lengths)
    assert parts[0][1] == end
    assert parts[-1][0] == start
    assert all(later[0] == older[1] for later, older in pairwise(parts))
    for begin, _ in parts[:-1]:
        assert begin is not None
        assert begin >= 0
        assert start is None or begin > start


def test_each_part_goes_further_back() -> None:
    assert newest_parts(None, None, 100, [10, 30]) == [(90, None), (70, 90), (None, 70)]
    assert newest_parts(80, 95, 95, [10, 30]) == [(85, 95), (80, 85)]
    assert newest_parts(95, None, 100, [10, 30]) == [(95, None)]
    assert newest_parts(None, None, 5, [10]) == [(None, None)]
