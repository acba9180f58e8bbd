"""A key comes due once, at the deadline that was asked for last."""

from hypothesis import given
from hypothesis import strategies as st

from stream_processors.rules.timers import Timers


def test_a_later_deadline_counts_though_the_earlier_one_comes() -> None:
    timers = Timers()
    timers.schedule("a", 10)
    timers.schedule("a", 20)
    assert timers.pop_due(10) == []
    assert timers.pop_due(19) == []
    assert timers.pop_due(20) == ["a"]
    assert timers.pop_due(99) == []


def test_an_earlier_deadline_counts_and_the_later_one_is_forgotten() -> None:
    timers = Timers()
    timers.schedule("a", 20)
    timers.schedule("a", 10)
    assert timers.pop_due(10) == ["a"]
    assert timers.pop_due(20) == []
    timers.schedule("a", 20)
    assert timers.pop_due(20) == ["a"]


def test_a_forgotten_key_is_not_due_until_it_is_scheduled_again() -> None:
    timers = Timers()
    timers.schedule("a", 10)
    timers.forget("a")
    timers.forget("b")
    assert timers.pop_due(10) == []
    timers.schedule("a", 10)
    timers.forget("a")
    timers.schedule("a", 30)
    assert timers.pop_due(20) == []
    assert timers.pop_due(30) == ["a"]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 50)), max_size=40),
    st.lists(st.integers(0, 50), max_size=5),
)
def test_what_is_due_is_what_a_plain_map_says(
    asked: list[tuple[str, int | None]], moments: list[int]
) -> None:
    timers, deadlines = Timers(), dict[str, int]()
    for place, (key, deadline) in enumerate(asked):
        if deadline is None:
            timers.forget(key)
            deadlines.pop(key, None)
        else:
            timers.schedule(key, deadline)
            deadlines[key] = deadline
        for now in moments[place : place + 1]:
            due = {key for key, at in deadlines.items() if at <= now}
            deadlines = {key: at for key, at in deadlines.items() if key not in due}
            assert sorted(timers.pop_due(now)) == sorted(due)
    assert sorted(timers.pop_due(50)) == sorted(deadlines)
