"""Each way to differ is found, by its kind and agent, and nothing else is taken for one."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from schemas.derived import (
    AgentStatus,
    Alert,
    AlertState,
    DerivedEvent,
    OnlineStatus,
    PolicyViolation,
    ViolationSource,
    decode_event,
    encode_event,
)
from schemas.messages.values import Severity
from schemas.verification import DifferenceKind, Outcome, Verification
from stream_processors.replay import Replayed
from stream_processors.state.snapshot import Snapshot, StateEntry, state_record
from stream_processors.verification.comparing import (
    NAMED,
    Expected,
    Published,
    compare,
    expected_of,
    note_published,
)

FENCE = 100
NOTHING: Mapping[str, bytes] = {}
MOMENT = "2027-01-15T08:00:00.000Z"


def violation(event_id: str, agent: str = "a") -> DerivedEvent:
    """One on a topic that is not compacted."""
    found = PolicyViolation("t", agent, "rule", Severity.LOW, ViolationSource.REPORTED, "what", MOMENT, [])
    return DerivedEvent(event_id, f"t/{agent}", 5, found)


def status(event_id: str, agent: str = "a") -> DerivedEvent:
    """One on a compacted topic."""
    return DerivedEvent(
        event_id, f"t/{agent}", 5, AgentStatus("t", agent, OnlineStatus.ONLINE, "heard", MOMENT)
    )


def snapshot(packed: Mapping[str, bytes] = NOTHING) -> Snapshot:
    """A checkpoint of agents by id."""
    return Snapshot(FENCE, b"meta", {f"t/{agent}": StateEntry(9, state) for agent, state in packed.items()})


def replayed(
    events: Sequence[DerivedEvent] = (),
    later: Sequence[DerivedEvent] = (),
    *,
    packed: Mapping[str, bytes] = NOTHING,
    start: int = 0,
) -> Replayed[Expected]:
    """A replay that came to these agents by id."""
    agents = {f"t/{agent}": state_record(f"t/{agent}", 9, state) for agent, state in packed.items()}
    return Replayed(
        FENCE, agents, list(map(expected_of, events)), start=start, later=list(map(expected_of, later))
    )


def on_topics(*events: DerivedEvent) -> dict[str, Published]:
    published: dict[str, Published] = {}
    for event in events:
        note_published(published, event)
    return published


def differences(found: Verification) -> list[tuple[str, DifferenceKind, str]]:
    return [(one.agent, one.kind, one.event) for one in found.first]


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.binary(min_size=1, max_size=4)),
    st.lists(st.builds(violation, st.uuids().map(str), st.sampled_from("abc")), unique_by=lambda e: e.id),
    st.data(),
)
def test_what_is_equal_is_equal_however_often_it_was_published(
    payloads: dict[str, bytes], events: list[DerivedEvent], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(events)))
    again = data.draw(st.lists(st.sampled_from(events))) if events else []
    published = data.draw(st.permutations([*events, *again]))
    expected = replayed(events[:cut], events[cut:], packed=payloads)
    found = compare(3, snapshot(payloads), expected, on_topics(*published))
    assert found == Verification(
        partition=3, fence=FENCE, states=len(payloads), events=cut, repeated=len(again)
    )


@pytest.mark.parametrize(
    ("stored", "expected"),
    [({"a": b"1"}, {"a": b"2"}), ({"a": b"1"}, {}), ({}, {"a": b"1"})],
    ids=["another", "too-many", "too-few"],
)
def test_a_state_that_is_not_the_replays(stored: dict[str, bytes], expected: dict[str, bytes]) -> None:
    found = compare(0, snapshot({"z": b"0"} | stored), replayed(packed={"z": b"0"} | expected), {})
    assert found.outcome is Outcome.DIFFERENT
    assert differences(found) == [("t/a", DifferenceKind.STATE, "")]


def test_a_state_that_stands_at_another_offset_is_another() -> None:
    expected = replayed(packed={"a": b"1"})
    expected.agents["t/a"] = state_record("t/a", 8, b"1")
    assert compare(0, snapshot({"a": b"1"}), expected, {}).outcome is Outcome.DIFFERENT


def test_events_that_are_missing_altered_unexpected_or_contradicted() -> None:
    altered = structs.replace(violation("altered", "b"), time=6)
    copies = violation("copies", "d"), structs.replace(violation("copies", "d"), key="t/e")
    expected = replayed([violation("missing"), violation("altered", "b"), copies[0]])
    found = compare(0, snapshot(), expected, on_topics(altered, violation("of nothing", "c"), *copies))
    assert differences(found) == [
        ("t/a", DifferenceKind.MISSING, "missing"),
        ("t/b", DifferenceKind.ALTERED, "altered"),
        ("t/c", DifferenceKind.UNEXPECTED, "of nothing"),
        ("t/d", DifferenceKind.CONTRADICTED, "copies"),
    ]
    assert found.repeated == 1


def test_what_follows_behind_the_fence_may_be_published_and_need_not_be() -> None:
    later = [violation("there"), violation("not yet")]
    assert compare(0, snapshot(), replayed((), later), on_topics(later[0])).outcome is Outcome.EQUAL


@pytest.mark.parametrize("behind_the_fence", [False, True])
def test_compaction_may_take_all_but_the_last_of_a_key(*, behind_the_fence: bool) -> None:
    first, last, others = status("first"), status("last"), status("other", "b")
    expected = replayed([first, others], [last]) if behind_the_fence else replayed([first, last, others])
    assert compare(0, snapshot(), expected, on_topics(last, others)).outcome is Outcome.EQUAL
    without_the_last = compare(0, snapshot(), expected, on_topics(first, last))
    assert differences(without_the_last) == [("t/b", DifferenceKind.MISSING, "other")]


def test_where_the_logs_start_is_gone_only_what_is_equal_is_proven() -> None:
    expected = replayed([violation("of another past")], start=7, packed={"a": b"1", "b": b"2"})
    found = compare(0, snapshot({"a": b"1", "b": b"?"}), expected, on_topics(violation("before")))
    assert (found.outcome, found.start, found.states, found.uncertain) == (Outcome.PART, 7, 2, 1)
    copies = violation("copies"), structs.replace(violation("copies"), time=6)
    contradicted = compare(0, snapshot(), replayed(start=7), on_topics(*copies))
    assert differences(contradicted) == [("t/a", DifferenceKind.CONTRADICTED, "copies")]


def test_of_very_many_differences_the_first_are_named() -> None:
    expected = replayed([violation(str(number)) for number in range(NAMED + 5)], packed={"a": b"1"})
    found = compare(0, snapshot(), expected, {})
    assert len(found.first) == NAMED
    assert found.differences == {DifferenceKind.STATE: 1, DifferenceKind.MISSING: NAMED + 5}


def test_a_whole_number_for_a_real_one_is_no_difference() -> None:
    """As it is read again from the topic, it is the same."""
    fired = DerivedEvent("x", "print", 5, alert(threshold=1))
    record = encode_event(fired)
    read = decode_event(record.headers, record.key, record.value)
    assert compare(3, snapshot(), replayed([fired]), on_topics(read)).outcome is Outcome.EQUAL
    other = DerivedEvent("x", "print", 5, alert(threshold=2))
    assert compare(3, snapshot(), replayed([other]), on_topics(read)).outcome is Outcome.DIFFERENT


def alert(threshold: float) -> Alert:
    return Alert(
        tenant_id="t",
        agent_id="a",
        fingerprint="print",
        rule="rule",
        state=AlertState.FIRING,
        severity=Severity.HIGH,
        summary="what",
        started_at=MOMENT,
        ended_at=None,
        evidence=[],
        threshold=threshold,
    )
