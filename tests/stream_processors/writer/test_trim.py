"""What a restart needs is never deleted, and no more than is needed is."""

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runtime.kafka_disk import DiskLimits, DiskUsage
from stream_processors.writer.trim import Progress, Segment, excess_bytes, plan

OFFSETS = st.integers(0, 12)
FENCES = st.integers(-1, 12)
PROGRESS = st.dictionaries(
    st.integers(0, 3),
    st.builds(Progress, OFFSETS, FENCES, OFFSETS, FENCES)
    | st.builds(Progress, st.none() | OFFSETS, FENCES, st.none() | OFFSETS, FENCES),
)


@st.composite
def logs(draw: st.DrawFn) -> list[Segment]:
    """The closed segments of a few partitions, with clocks that may be wrong."""
    found = []
    for partition in range(draw(st.integers(0, 4))):
        edges = sorted(draw(st.sets(OFFSETS, max_size=8)))
        for first, end in pairwise(edges):
            size, modified = draw(st.integers(0, 9)), draw(st.floats(0, 9))
            found.append(Segment(partition, first, end, size, modified))
    return draw(st.permutations(found))


def freed(segments: list[Segment], before: Mapping[int, int]) -> int:
    return sum(one.size for one in segments if one.end <= before.get(one.partition, 0))


@given(logs(), PROGRESS, st.integers(-5, 99))
def test_never_beyond_any_offset_that_a_reader_needs(
    segments: list[Segment], progress: dict[int, Progress], excess: int
) -> None:
    for partition, before in plan(segments, progress, excess).items():
        found = progress[partition]
        assert found.writer_commit is not None
        assert found.processors_commit is not None
        assert before <= found.writer_commit
        assert before <= found.processors_commit
        assert before <= found.writer_fence + 1
        assert before <= found.processors_fence + 1
        assert before in {one.end for one in segments if one.partition == partition}


@given(OFFSETS, FENCES, OFFSETS, FENCES)
def test_the_hindmost_of_all_offsets_decides(
    writer_commit: int, writer_fence: int, processors_commit: int, processors_fence: int
) -> None:
    found = Progress(writer_commit, writer_fence, processors_commit, processors_fence)
    needed = {writer_commit, writer_fence + 1, processors_commit, processors_fence + 1}
    assert found.deletable_before == min(needed)


@given(logs(), PROGRESS, st.integers(-5, 99))
def test_enough_is_deleted_where_enough_may_be(
    segments: list[Segment], progress: dict[int, Progress], excess: int
) -> None:
    may_go = freed(segments, {p: found.deletable_before for p, found in progress.items()})
    assert freed(segments, plan(segments, progress, excess)) >= min(excess, may_go)


DONE = Progress(100, 99, 100, 99)


def test_the_oldest_go_first_and_no_more_than_needed() -> None:
    segments = [
        Segment(0, 0, 10, 100, 1.0),
        Segment(0, 10, 20, 100, 3.0),
        Segment(1, 0, 5, 100, 2.0),
        Segment(1, 5, 9, 100, 4.0),
    ]
    assert plan(segments, {0: DONE, 1: DONE}, 0) == {}
    assert plan(segments, {0: DONE, 1: DONE}, 1) == {0: 10}
    assert plan(segments, {0: DONE, 1: DONE}, 101) == {0: 10, 1: 5}
    assert plan(segments, {0: DONE, 1: DONE}, 999) == {0: 20, 1: 9}


def test_a_partition_without_a_commit_or_a_state_is_left_alone() -> None:
    for progress in (DONE._replace(writer_commit=None), DONE._replace(processors_commit=None)):
        assert progress.deletable_before == 0
    assert DONE._replace(writer_fence=-1).deletable_before == 0
    assert DONE._replace(processors_fence=-1).deletable_before == 0
    assert plan([Segment(3, 0, 10, 100, 1.0)], {}, 1) == {}


def test_room_is_made_before_either_limit_is_reached() -> None:
    limits = DiskLimits(cap_bytes=1000, min_free_bytes=100)
    assert excess_bytes(DiskUsage(800, 200), limits) == 0
    assert excess_bytes(DiskUsage(850, 500), limits) == 50
    assert excess_bytes(DiskUsage(10, 120), limits) == 80
    assert excess_bytes(DiskUsage(10, 5000), limits) < 0
