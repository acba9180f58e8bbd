"""A key's use is noted once an interval, within a bound."""

from hypothesis import given
from hypothesis import strategies as st

from runtime.key_usage import KeyUsage


def test_the_first_use_is_noted_at_once_and_the_next_after_the_interval() -> None:
    usage = KeyUsage(interval_ms=60)
    usage.note("a", 100)
    usage.note("a", 159)
    assert usage.take(159) == {"a": 100}
    usage.note("a", 159)
    assert usage.take(159) == {}
    usage.note("a", 160)
    assert usage.take(160) == {"a": 160}


def test_beyond_the_bound_keys_wait_until_others_are_old() -> None:
    usage = KeyUsage(interval_ms=60, most=2)
    for name in "abc":
        usage.note(name, 100)
    assert usage.take(100) == {"a": 100, "b": 100}
    usage.note("c", 110)
    assert usage.take(160) == {}
    usage.note("c", 161)
    assert usage.take(161) == {"c": 161}


def test_a_lost_note_is_made_again_by_the_next_use() -> None:
    usage = KeyUsage(interval_ms=60)
    usage.note("a", 100)
    usage.forget(usage.take(100))
    usage.note("a", 101)
    assert usage.take(101) == {"a": 101}


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 50), st.booleans())))
def test_notes_are_rare_and_late_by_no_more_than_the_interval(uses: list[tuple[str, int, bool]]) -> None:
    usage, now = KeyUsage(interval_ms=60), 0
    noted: dict[str, int] = {}
    for name, pause, take in uses:
        now += pause
        usage.note(name, now)
        for key, used_at in usage.take(now).items() if take else ():
            assert key not in noted or used_at - noted[key] >= 60
            noted[key] = used_at
        if take:
            assert now - noted[name] < 60
