"""The last keyed batches of each agent of one partition: which rows are repeats; pure."""

from collections.abc import Iterable, Mapping

from schemas.block import Segment
from schemas.errors import InvalidMessageError
from stream_processors.deduplication import ENTRY_BYTES, absorb_batch
from stream_processors.state.snapshot import StateEntry


class Rings:
    """A function of the partition's log up to the last absorbed offset, whoever computes it and when."""

    def __init__(self) -> None:
        """Know no agent."""
        self._recent: dict[str, bytearray] = {}
        self._fences: dict[str, int] = {}
        self._changed: set[str] = set()

    def restore(self, entries: Mapping[str, StateEntry]) -> None:
        """Begin with a checkpoint; an agent's records at or below its own fence are not absorbed again.

        Raises:
            InvalidMessageError: a payload is not a ring.
        """
        for agent_key, entry in entries.items():
            self._recent[agent_key] = _decode_ring(entry.payload)
            self._fences[agent_key] = entry.fence

    def absorb(self, offset: int, appended_at: int, segment: Segment) -> bool:
        """Take the next segment in the order of the log, and say whether its rows count.

        `appended_at` is the Kafka timestamp of its record, in milliseconds.
        """
        if not segment.keyed:
            return True
        key = segment.agent_key
        if self._fences and offset <= self._fences.get(key, -1):
            return False
        counts = absorb_batch(self._recent.setdefault(key, bytearray()), segment, appended_at)
        if counts:
            self._changed.add(key)
        return counts

    def changed(self, fence: int) -> list[tuple[str, int, bytes]]:
        """The agents to write into the next checkpoint, as (key, fence, payload)."""
        return [(key, fence, bytes(self._recent[key])) for key in self._changed]

    def saved(self, keys: Iterable[str]) -> None:
        """Note that these agents are in the checkpoint as they stand."""
        self._changed.difference_update(keys)


def _decode_ring(payload: bytes) -> bytearray:
    if len(payload) % ENTRY_BYTES:
        raise InvalidMessageError(f"a ring is a run of batch ids with times, of {ENTRY_BYTES} bytes each")
    return bytearray(payload)
