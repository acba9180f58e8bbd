"""Which records of the telemetry topic to delete so that the log stays below its cap; pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from runtime.kafka_disk import DiskLimits, DiskUsage

# Of the cap: room is made from here on, well before the gateway refuses at the cap itself.
_FILL_TENTHS = 8
# Of the least free space: likewise.
_FREE_FACTOR = 2


class Segment(NamedTuple):
    """A file of a partition's log that is written no more: records from `first` to before `end`.

    `size` is in bytes, `modified` in seconds of the file system's clock.
    """

    partition: int
    first: int
    end: int
    size: int
    modified: float


class Progress(NamedTuple):
    """How far the two readers of a partition are; None or a fence of -1 where nothing is known to be stored.

    A commit is the offset to read next, a fence the last offset that a stored state has absorbed.
    """

    writer_commit: int | None
    writer_fence: int
    processors_commit: int | None
    processors_fence: int

    @property
    def deletable_before(self) -> int:
        """The first offset that a restart of either reader may still need; 0 when it may need all.

        The writer finishes a begun chunk from its commit and fills its rings from its fence on; the
        processors follow their fence, whatever is committed.
        """
        if self.writer_commit is None or self.processors_commit is None:
            return 0
        return min(
            self.writer_commit, self.writer_fence + 1, self.processors_commit, self.processors_fence + 1
        )


def excess_bytes(usage: DiskUsage, limits: DiskLimits) -> int:
    """How much must go for the log to keep a distance from both limits; not positive: nothing."""
    over_cap = usage.used - limits.cap_bytes * _FILL_TENTHS // 10
    return max(over_cap, _FREE_FACTOR * limits.min_free_bytes - usage.free)


def plan(segments: Iterable[Segment], progress: Mapping[int, Progress], excess: int) -> dict[int, int]:
    """For each partition to be cut the offset before which to delete: the oldest segments, whole ones only.

    Deletes no more segments than make up for `excess` bytes, and none that a reader has not done with;
    the rest waits for its retention.
    """
    before: dict[int, int] = {}
    for segment in sorted(segments, key=lambda one: (one.modified, one.partition, one.first)):
        if excess <= 0:
            break
        found = progress.get(segment.partition)
        if found is None or segment.end > found.deletable_before:
            continue
        before[segment.partition] = max(segment.end, before.get(segment.partition, 0))
        excess -= segment.size
    return before
