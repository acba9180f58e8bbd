"""Of writes of one version the first wins, for every reader alike; and a loser that comes last is known."""

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.control_state import ControlState, Entry, Envelope


class Thing(msgspec.Struct, frozen=True):
    """An entity of the tests."""

    name: str


def value(version: int, name: str, write_id: str = "") -> bytes:
    data = msgspec.Raw(msgspec.json.encode(Thing(name)))
    return msgspec.json.encode(Envelope(version, write_id or name, data))


@pytest.fixture
def state() -> ControlState:
    return ControlState({"things": Thing})


def test_the_first_write_of_a_version_wins(state: ControlState) -> None:
    assert state.apply("things", "k", value(1, "first")) == Thing("first")
    assert state.apply("things", "k", value(1, "second")) is None
    assert state.get("things", "k") == Entry(1, Thing("first"))


def test_a_version_that_compaction_took_is_not_waited_for(state: ControlState) -> None:
    state.apply("things", "k", value(1, "one"))
    assert state.apply("things", "k", value(3, "three")) == Thing("three")
    assert state.apply("things", "k", value(2, "two")) is None
    assert state.all("things") == {"k": Entry(3, Thing("three"))}


def test_after_compaction_a_key_may_start_at_any_version(state: ControlState) -> None:
    assert state.apply("things", "k", value(7, "seven")) == Thing("seven")


def test_what_is_no_control_record_raises_and_changes_nothing(state: ControlState) -> None:
    for junk in (b"", b"{}", b'{"version":1,"write_id":"w","data":{"nam":1}}'):
        with pytest.raises(msgspec.MsgspecError):
            state.apply("things", "k", junk)
    assert state.all("things") == {}


def test_a_write_that_was_built_upon_has_been_applied_all_the_same(state: ControlState) -> None:
    with state.watching("mine") as is_applied, state.watching("late") as is_late_applied:
        assert not is_applied()
        state.apply("things", "k", value(1, "one", "mine"))
        state.apply("things", "k", value(2, "two", "of another, who has read mine"))
        state.apply("things", "k", value(2, "2", "late"))
        assert is_applied()
        assert not is_late_applied()


def test_an_entity_whose_last_record_is_a_losers_is_known_until_the_winner_is_last_again(
    state: ControlState,
) -> None:
    state.apply("things", "k", value(1, "first"))
    assert state.overtaken == {}
    state.apply("things", "k", value(1, "second"))
    assert state.overtaken == {("things", "k"): Entry(1, Thing("first"))}
    state.apply("things", "k", value(2, "first", "by one writer"))
    assert state.overtaken == {}
    state.apply("things", "k", value(2, "first", "by another writer"))
    assert state.overtaken == {}


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from("ab")), min_size=1))
def test_once_winners_are_last_a_reader_of_the_compacted_log_agrees(writes: list[tuple[int, str]]) -> None:
    state = ControlState({"things": Thing})
    log = [value(*write) for write in writes]
    for record in log:
        state.apply("things", "k", record)
    for winner in tuple(state.overtaken.values()):
        log.append(value(winner.version + 1, state.get("things", "k").data.name))  # type: ignore[union-attr] # it is there
        state.apply("things", "k", log[-1])
    late = ControlState({"things": Thing})
    late.apply("things", "k", log[-1])
    assert late.get("things", "k") == state.get("things", "k")


def never_both_gone(before: Thing, after: Thing, others: Iterable[Thing], at: int) -> bool:
    assert at == 7
    return before.name == "here" and after.name == "gone" and all(other.name == "gone" for other in others)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids="".join)
def test_of_two_changes_that_may_not_both_be_the_later_is_void_for_every_reader(
    order: tuple[str, str],
) -> None:
    log = [(key, value(1, "here")) for key in "ab"] + [(key, value(2, "gone")) for key in order]
    readers = [ControlState({"things": Thing}, {"things": never_both_gone}) for _ in range(2)]
    for state in readers:
        with state.watching("gone") as is_applied:
            changed = [state.apply("things", key, record, 7) for key, record in log]
            assert is_applied()
        assert changed == [Thing("here"), Thing("here"), Thing("gone"), None]
        winner = Entry(1, Thing("here"))
        assert state.get("things", order[1]) == winner
        # Whoever writes appends it anew, so that a compacted log ends with what is in force.
        assert state.overtaken == {("things", order[1]): winner}
        assert state.apply("things", order[1], value(2, "here", "anew"), 7) == Thing("here")
        assert state.overtaken == {}


def test_a_rule_is_for_its_topic_and_for_what_was_there_before() -> None:
    state = ControlState({"things": Thing, "others": Thing}, {"things": never_both_gone})
    assert state.apply("things", "k", value(3, "gone"), 7) == Thing("gone")
    state.apply("others", "k", value(1, "here"), 7)
    assert state.apply("others", "k", value(2, "gone"), 7) == Thing("gone")
