"""A service that keeps dying is named; one that dies now and then is not."""

from hypothesis import given
from hypothesis import strategies as st

from infra.supervisor.deaths import DEATHS, WINDOW_SECONDS, DeathWatch


def deaths_every(seconds: float, count: int) -> str | None:
    watch, found = DeathWatch(), None
    for number in range(count):
        watch.observe({"writer": 100 + number}, number * seconds)
        found = watch.observe({"writer": 0}, (number + 1) * seconds)
    return found


def test_deaths_in_a_row_are_noticed() -> None:
    assert deaths_every(2.0, DEATHS) == "writer"
    assert deaths_every(2.0, DEATHS - 1) is None


def test_deaths_far_apart_are_not() -> None:
    assert deaths_every(WINDOW_SECONDS, 10) is None


def test_a_restart_between_two_looks_is_a_death_too() -> None:
    watch = DeathWatch()
    found = [watch.observe({"kafka": pid, "query": 7}, float(pid)) for pid in range(1, DEATHS + 2)]
    assert found == [None] * DEATHS + ["kafka"]


@given(st.lists(st.floats(0, 1000), max_size=50))
def test_who_lives_is_never_named(moments: list[float]) -> None:
    watch = DeathWatch()
    assert all(watch.observe({"kafka": 5, "query": 0}, now) is None for now in sorted(moments))
