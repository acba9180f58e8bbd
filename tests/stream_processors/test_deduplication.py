"""Repeats of a keyed batch are recognised among an agent's last sixteen, whatever came between."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.block import Segment
from stream_processors.deduplication import REMEMBERED_BATCHES, absorb_batch


def segment(number: int, *, keyed: bool = True) -> Segment:
    return Segment("default", "agent-7", number.to_bytes(16), keyed, 1, 3, 0)


def test_a_repeat_does_not_count() -> None:
    recent: list[bytes] = []
    assert absorb_batch(recent, segment(1))
    assert not absorb_batch(recent, segment(1))


def test_a_batch_without_a_key_always_counts_and_is_not_remembered() -> None:
    recent: list[bytes] = []
    assert absorb_batch(recent, segment(1, keyed=False))
    assert absorb_batch(recent, segment(1, keyed=False))
    assert recent == []


def test_the_seventeenth_batch_pushes_the_first_out() -> None:
    recent: list[bytes] = []
    for number in range(REMEMBERED_BATCHES):
        absorb_batch(recent, segment(number))
    assert not absorb_batch(recent, segment(0))
    absorb_batch(recent, segment(99))
    assert absorb_batch(recent, segment(0))


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=200))
def test_memory_is_bounded_and_ids_within_it_are_unique(log: list[tuple[int, bool]]) -> None:
    recent: list[bytes] = []
    for number, keyed in log:
        counted = absorb_batch(recent, segment(number, keyed=keyed))
        assert counted or keyed
        assert len(recent) <= REMEMBERED_BATCHES
        assert len(set(recent)) == len(recent)
