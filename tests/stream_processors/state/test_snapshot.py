"""Merging a state topic: the highest fence of a key wins, whatever arrives late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from stream_processors.state.snapshot import (
    META_KEY,
    Snapshot,
    SnapshotMerger,
    StateEntry,
    StateRecord,
    decode_record,
    encode_record,
    state_record,
    unframe,
)

_keys = st.sampled_from(["a", "b", "c", META_KEY])
_fences = st.integers(min_value=0, max_value=2**63 - 1)
_records = st.builds(state_record, _keys, _fences, st.none() | st.binary(min_size=1, max_size=20))


def _merge(records: list[StateRecord]) -> Snapshot:
    merger = SnapshotMerger()
    for record in records:
        merger.absorb(record)
    return merger.snapshot()


@given(_records)
def test_a_record_survives_its_way_through_kafka(record: StateRecord) -> None:
    key, value, headers = encode_record(record)

    assert decode_record(key, value, tuple(headers)) == record
    assert (value is None) == (record.payload is None)


@given(st.lists(_records))
def test_of_each_key_the_last_record_with_the_highest_fence_wins(records: list[StateRecord]) -> None:
    expected: dict[str, StateRecord] = {}
    for key in {r.key for r in records}:
        highest = max(r.fence for r in records if r.key == key)
        expected[key] = [r for r in records if r.key == key and r.fence == highest][-1]

    snapshot = _merge(records)

    meta = expected.pop(META_KEY, None)
    assert (snapshot.fence, snapshot.meta) == ((meta.fence, meta.payload) if meta else (-1, None))
    assert snapshot.entries == {
        r.key: StateEntry(r.fence, r.payload) for r in expected.values() if r.payload is not None
    }
    assert snapshot.gone == {
        r.key: r.fence for r in expected.values() if r.payload is None and r.fence > snapshot.fence
    }


@given(st.lists(_records))
def test_compaction_changes_nothing_as_long_as_no_stale_owner_wrote(records: list[StateRecord]) -> None:
    in_order = sorted(records, key=lambda r: r.fence)
    last_of_each_key = list({r.key: r for r in in_order}.values())

    assert _merge(in_order) == _merge(last_of_each_key)


@given(_keys, _fences, st.none() | st.binary(min_size=1, max_size=20))
def test_a_record_has_the_parts_that_it_was_made_of(key: str, fence: int, payload: bytes | None) -> None:
    record = state_record(key, fence, payload)

    assert (record.key, record.fence, record.payload) == (key, fence, payload)
    assert record.is_gone is (payload is None)
    assert bytes(unframe(record.framed)) == (payload or b"")


def test_an_empty_payload_would_say_that_the_key_is_gone() -> None:
    with pytest.raises(ValueError, match="payload of a is empty"):
        state_record("a", 5, b"")


def test_nothing_written_is_an_empty_snapshot() -> None:
    assert _merge([]) == Snapshot(fence=-1, meta=None, entries={})


def test_a_stale_owners_late_tombstone_removes_nothing() -> None:
    snapshot = _merge([state_record("a", 5, b"new"), state_record("a", 4, None)])

    assert snapshot.entries == {"a": StateEntry(5, b"new")}


def test_a_stale_owners_late_entry_revives_nothing() -> None:
    snapshot = _merge([state_record("a", 5, None), state_record("a", 4, b"old")])

    assert (snapshot.entries, snapshot.gone) == ({}, {"a": 5})


def test_what_was_gone_when_all_was_stored_is_of_no_interest() -> None:
    assert _merge([state_record("a", 5, None), state_record(META_KEY, 5, b"m")]).gone == {}


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [
        (None, b"\0" * 8, ()),
        (b"a", b"\0" * 7, ()),
        (b"a", b"\0" * 8, ()),
        (b"a", None, ()),
        (b"a", None, (("fence", b"\0"),)),
    ],
)
def test_a_record_without_key_or_fence_is_refused(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> None:
    with pytest.raises(InvalidMessageError, match="fence of 8 bytes"):
        decode_record(key, value, headers)
