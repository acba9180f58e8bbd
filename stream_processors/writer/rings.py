"""The last keyed batches of each agent of one partition: which rows are repeats; pure."""

from collections.abc import Iterable, Mapping

from schemas.block import Segment
from schemas.errors import InvalidMessageError
from stream_processors.deduplication import ENTRY_BYTES, absorb_batch, forget_up_to
from stream_processors.state.snapshot import StateEntry, StateRecord, state_record


class Rings:
    """A function of the partition's log up to the last absorbed offset, whoever computes it and when."""

    def __init__(self) -> None:
        """Know no agent."""
        self._recent: dict[str, bytearray] = {}
        self._fences: dict[str, int] = {}
        self._changed: set[str] = set()
        self._gone: set[str] = set()
        # Written, and to be written once more.
        self._early: set[str] = set()

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

    def forget(self, agent_key: str, up_to: float) -> None:
        """Forget the batches of an erased agent up to a time in milliseconds, and it with the last."""
        recent = self._recent.get(agent_key)
        if recent is None:
            return
        before = len(recent)
        forget_up_to(recent, up_to)
        if not recent:
            del self._recent[agent_key]
            self._changed.discard(agent_key)
            self._gone.add(agent_key)
        elif len(recent) < before:
            self._changed.add(agent_key)

    def changed(self, fence: int) -> list[StateRecord]:
        """The agents to write into the next checkpoint, or to remove."""
        gone = [state_record(key, fence, None) for key in self._gone - self._changed]
        return gone + [state_record(key, fence, bytes(self._recent[key])) for key in self._changed]

    def saved(self, keys: Iterable[str], *, early: bool) -> None:
        """Note that these agents are in the checkpoint as they stand; `early` ones are for `write_again`."""
        saved = set(keys)
        self._changed -= saved
        self._gone -= saved
        if early:
            self._early |= saved

    def write_again(self) -> None:
        """Take all that was saved early for changed, or for gone if it is."""
        for key in self._early:
            (self._changed if key in self._recent else self._gone).add(key)
        self._early = set()


def _decode_ring(payload: bytes) -> bytearray:
    if len(payload) % ENTRY_BYTES:
        raise InvalidMessageError(f"a ring is a run of batch ids with times, of {ENTRY_BYTES} bytes each")
    return bytearray(payload)
