"""Repeats of a keyed batch are recognised among an agent's last ones, whatever came between."""

import math

from hypothesis import given
from hypothesis import strategies as st

from schemas.block import LATEST_APPEND_MS, Segment
from stream_processors.deduplication import (
    ENTRY_BYTES,
    REMEMBERED_AT_LEAST,
    REMEMBERED_AT_MOST,
    REMEMBERED_MS,
    absorb_batch,
    forget_up_to,
)

NOW = 1_800_000_000_000


def segment(number: int, *, keyed: bool = True, received_at: int = NOW) -> Segment:
    return Segment("default", "agent-7", number.to_bytes(16), keyed, 1, 3, received_at)


def absorbed(recent: bytearray, number: int, at: int = NOW) -> bool:
    return absorb_batch(recent, segment(number, received_at=at), at)


def test_a_repeat_does_not_count() -> None:
    recent = bytearray()
    assert absorbed(recent, 1)
    assert not absorbed(recent, 1)


def test_a_batch_without_a_key_always_counts_and_is_not_remembered() -> None:
    recent = bytearray()
    for appended_at in (NOW, NOW, NOW + 10 * LATEST_APPEND_MS):
        assert absorb_batch(recent, segment(1, keyed=False), appended_at)
    assert recent == b""


def test_the_last_sixteen_are_known_however_old_they_are() -> None:
    recent = bytearray()
    for number in range(REMEMBERED_AT_LEAST):
        absorbed(recent, number, NOW + number * 10 * REMEMBERED_MS)
    later = NOW + 1000 * REMEMBERED_MS
    assert not absorbed(recent, 0, later)
    assert absorbed(recent, 99, later)
    assert absorbed(recent, 0, later)


def test_all_of_the_last_minute_are_known_however_many_they_are() -> None:
    recent = bytearray()
    for number in range(1000):
        absorbed(recent, number, NOW + number)
    assert not absorbed(recent, 0, NOW + REMEMBERED_MS)
    absorbed(recent, 2000, NOW + REMEMBERED_MS + 1)
    assert absorbed(recent, 0, NOW + REMEMBERED_MS + 1)
    assert not absorbed(recent, 2, NOW + REMEMBERED_MS + 1)


def test_a_flood_of_keys_does_not_fill_the_memory() -> None:
    recent = bytearray()
    for number in range(REMEMBERED_AT_MOST + 5):
        absorbed(recent, number)
    assert len(recent) == REMEMBERED_AT_MOST * ENTRY_BYTES
    assert absorbed(recent, 0)
    assert not absorbed(recent, 10)


def test_what_comes_too_late_does_not_count_and_is_not_remembered() -> None:
    recent = bytearray()
    assert not absorb_batch(recent, segment(1), NOW + LATEST_APPEND_MS + 1)
    assert absorb_batch(recent, segment(1), NOW + LATEST_APPEND_MS)


def test_a_batch_of_a_gateway_that_hung_is_a_repeat_or_too_late() -> None:
    """Whatever the agent has sent elsewhere meanwhile, and however far ahead the gateway's clock may be."""
    for ahead in (0, REMEMBERED_MS - LATEST_APPEND_MS):
        for hung in range(0, 200_000, 1000):
            recent = bytearray()
            absorbed(recent, 1, NOW + 1)
            for number in range(2, 300):
                absorbed(recent, number, NOW + max(hung, 1))
            hung_segment = segment(1, received_at=NOW + ahead)
            assert not absorb_batch(recent, hung_segment, NOW + max(hung, 1)), (ahead, hung)


def test_an_id_that_lies_across_two_entries_is_not_known() -> None:
    recent = bytearray()
    absorbed(recent, 0)
    absorbed(recent, 0x1122334455667788)
    across = int.from_bytes(bytes(recent[8:24]))
    assert absorbed(recent, across)
    assert not absorbed(recent, across)


def test_a_record_without_a_time_is_taken_as_the_oldest() -> None:
    recent = bytearray()
    assert absorb_batch(recent, segment(1), -1)
    assert not absorb_batch(recent, segment(1), NOW)


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.integers(0, 200_000)), max_size=200))
def test_ids_within_the_memory_are_unique_and_only_old_ones_are_forgotten(
    log: list[tuple[int, bool, int]],
) -> None:
    recent = bytearray()
    for number, keyed, offset in log:
        counted = absorb_batch(recent, segment(number, keyed=keyed, received_at=NOW + offset), NOW + offset)
        assert counted or keyed
        entries = [bytes(recent[n : n + ENTRY_BYTES]) for n in range(0, len(recent), ENTRY_BYTES)]
        assert len({entry[:16] for entry in entries}) == len(entries)
        oldest = min((int.from_bytes(entry[16:]) for entry in entries[:1]), default=NOW)
        assert len(entries) <= REMEMBERED_AT_LEAST or oldest + REMEMBERED_MS >= NOW + offset or not counted


def test_what_came_up_to_a_time_is_forgotten() -> None:
    recent = bytearray()
    for number in range(4):
        assert absorb_batch(recent, segment(number, received_at=NOW + number), NOW + number)
    before = bytes(recent)
    forget_up_to(recent, NOW - 1)
    assert recent == before
    forget_up_to(recent, NOW + 1)
    assert recent == before[2 * ENTRY_BYTES :]
    forget_up_to(recent, math.inf)
    assert recent == b""
