"""A key comes due once, at its earliest deadline, whatever was asked for in between."""

from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.timers import Timers


def test_a_later_deadline_does_not_move_an_earlier_one() -> None:
    timers = Timers()
    timers.schedule("a", 10)
    timers.schedule("a", 20)
    assert timers.pop_due(9) == []
    assert timers.pop_due(10) == ["a"]
    assert timers.pop_due(99) == []


def test_an_earlier_deadline_counts_and_the_later_one_is_forgotten() -> None:
    timers = Timers()
    timers.schedule("a", 20)
    timers.schedule("a", 10)
    assert timers.pop_due(10) == ["a"]
    assert timers.pop_due(20) == []
    timers.schedule("a", 20)
    assert timers.pop_due(20) == ["a"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), max_size=40), st.integers(0, 50))
def test_what_is_due_is_what_a_plain_minimum_says(asked: list[tuple[str, int]], now: int) -> None:
    timers, earliest = Timers(), dict[str, int]()
    for key, deadline in asked:
        timers.schedule(key, deadline)
        earliest[key] = min(deadline, earliest.get(key, deadline))
    assert sorted(timers.pop_due(now)) == sorted(key for key, deadline in earliest.items() if deadline <= now)
