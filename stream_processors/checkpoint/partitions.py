"""The partitions that this worker owns now, and how much of them waits for a checkpoint."""

from collections.abc import Iterable, Iterator

from stream_processors.checkpoint.owned import OwnedPartition


class Partitions:
    """A map that is emptied when the group rebalances; what was dropped is loaded again, never used again."""

    def __init__(self) -> None:
        """Own nothing."""
        self._owned: dict[int, OwnedPartition] = {}

    def __iter__(self) -> Iterator[OwnedPartition]:
        return iter(self._owned.values())

    def __len__(self) -> int:
        return len(self._owned)

    def assign(self, owned: Iterable[OwnedPartition]) -> None:
        """Own these and no others."""
        self._owned = {partition.partition: partition for partition in owned}

    def drop(self) -> None:
        """Own nothing any more."""
        self._owned = {}

    def release(self, owned: OwnedPartition) -> None:
        """Own this one no more, unless it is another assignment by now."""
        if self.owns(owned):
            del self._owned[owned.partition]

    def get(self, partition: int, generation: int | None) -> OwnedPartition | None:
        """The partition, if it is ours in this generation of the group."""
        owned = self._owned.get(partition)
        return owned if owned is not None and owned.generation == generation else None

    def owns(self, owned: OwnedPartition) -> bool:
        """Whether this very assignment still holds."""
        return self._owned.get(owned.partition) is owned

    @property
    def waiting_records(self) -> int:
        """Records absorbed and not yet cut."""
        return sum(owned.records for owned in self)

    @property
    def waiting_bytes(self) -> int:
        """Their bytes."""
        return sum(owned.size for owned in self)
