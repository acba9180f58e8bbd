"""The last keyed batches of each agent of one partition: which rows are repeats; pure."""

from collections.abc import Iterable, Mapping

from schemas.block import BATCH_ID_BYTES, Segment
from schemas.errors import InvalidMessageError
from stream_processors.deduplication import absorb_batch
from stream_processors.state.snapshot import StateEntry


class Rings:
    """A function of the partition's log up to the last absorbed offset, whoever computes it and when."""

    def __init__(self) -> None:
        """Know no agent."""
        self._recent: dict[str, list[bytes]] = {}
        self._fences: dict[str, int] = {}
        self._changed: set[str] = set()

    def restore(self, entries: Mapping[str, StateEntry]) -> None:
        """Begin with a checkpoint; an agent's records at or below its own fence are not absorbed again.

        Raises:
            InvalidMessageError: a payload is not a run of batch ids.
        """
        for agent_key, entry in entries.items():
            self._recent[agent_key] = _decode_ring(entry.payload)
            self._fences[agent_key] = entry.fence

    def absorb(self, offset: int, segment: Segment) -> bool:
        """Take the next segment in the order of the log, and say whether its rows count."""
        if not segment.keyed:
            return True
        key = segment.agent_key
        if self._fences and offset <= self._fences.get(key, -1):
            return False
        counts = absorb_batch(self._recent.setdefault(key, []), segment)
        if counts:
            self._changed.add(key)
        return counts

    def changed(self, fence: int) -> list[tuple[str, int, bytes]]:
        """The agents to write into the next checkpoint, as (key, fence, payload)."""
        return [(key, fence, b"".join(self._recent[key])) for key in self._changed]

    def saved(self, keys: Iterable[str]) -> None:
        """Note that these agents are in the checkpoint as they stand."""
        self._changed.difference_update(keys)


def _decode_ring(payload: bytes) -> list[bytes]:
    if len(payload) % BATCH_ID_BYTES:
        raise InvalidMessageError("a ring is a run of batch ids of 16 bytes")
    return [payload[n : n + BATCH_ID_BYTES] for n in range(0, len(payload), BATCH_ID_BYTES)]
