"""What a partition of a state topic says: for each key the record with the highest fence; pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from schemas.errors import InvalidMessageError

# Keys of entries begin with a letter or a digit (ID_RULE), so this one is nobody's.
META_KEY = "$meta"

NOTHING_ABSORBED = -1
FENCE_HEADER = "fence"
_FENCE_BYTES = 8


class StateRecord(msgspec.Struct, frozen=True, gc=False):
    """A record of a state topic, held as it is sent, lest a state be copied once more when it is far away.

    `framed` is the fence in 8 bytes, and behind it the payload; without one the key is gone as of the fence.
    """

    key: str
    framed: bytes

    @property
    def is_gone(self) -> bool:
        """Whether it is a tombstone."""
        return len(self.framed) == _FENCE_BYTES

    @property
    def fence(self) -> int:
        """The offset up to which the key has absorbed the input partition."""
        return int.from_bytes(self.framed[:_FENCE_BYTES])

    @property
    def payload(self) -> bytes | None:
        """A copy of what is kept under the key; None when it is gone."""
        return self.framed[_FENCE_BYTES:] or None


def frame(fence: int, payload: bytes) -> bytes:
    """A fence, and a payload that is not empty, as they are sent.

    Raises:
        OverflowError: the fence is negative.
    """
    return fence.to_bytes(_FENCE_BYTES) + payload


def unframe(framed: bytes) -> memoryview:
    """The payload of what is framed; a view, nothing is copied."""
    return memoryview(framed)[_FENCE_BYTES:]


def state_record(key: str, fence: int, payload: bytes | None) -> StateRecord:
    """A record from its parts; None says that the key is gone.

    Raises:
        OverflowError: the fence is negative.
        ValueError: the payload is empty, which would say that the key is gone.
    """
    if payload == b"":
        raise ValueError(f"the payload of {key} is empty")
    return StateRecord(key, frame(fence, payload or b""))


class StateEntry(NamedTuple):
    """A key's payload, and the offset up to which it has absorbed the input partition."""

    fence: int
    payload: bytes


@dataclass(slots=True)
class Snapshot:
    """A partition's state: everything up to `fence` is absorbed, the replay starts at `fence + 1`.

    `fence` is -1 and `meta` None when nothing was ever written. An entry whose own fence lies beyond `fence`
    skips the records at or below its own; `gone` are the fences of removed keys for which that holds too.
    """

    fence: int = NOTHING_ABSORBED
    meta: bytes | None = None
    entries: dict[str, StateEntry] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)


def encode_record(record: StateRecord) -> tuple[bytes, bytes | None, list[tuple[str, bytes]]]:
    """Key, value and headers of a Kafka record; a tombstone has no value, so there the fence is a header."""
    if record.is_gone:
        return record.key.encode(), None, [(FENCE_HEADER, record.framed)]
    return record.key.encode(), record.framed, []


def decode_record(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> StateRecord:
    """Read a record of a state topic.

    Raises:
        InvalidMessageError: it has no key, or no fence, or is neither a tombstone nor has a payload.
    """
    framed = dict(headers).get(FENCE_HEADER, b"") if value is None else value
    is_whole = len(framed) == _FENCE_BYTES if value is None else len(framed) > _FENCE_BYTES
    if key is None or not is_whole:
        raise InvalidMessageError("a state record has a key, a fence of 8 bytes, and a payload or no value")
    return StateRecord(key.decode(), framed)


class SnapshotMerger:
    """Folds records in the order of the log into a snapshot.

    The highest fence of a key wins, so that what a stale owner writes late counts for nothing; of equal
    fences the later record wins.
    """

    def __init__(self) -> None:
        """Begin with no record."""
        self._winners: dict[str, StateRecord] = {}

    def absorb(self, record: StateRecord) -> None:
        """Take the next record of the log."""
        winner = self._winners.get(record.key)
        if winner is None or record.fence >= winner.fence:
            self._winners[record.key] = record

    def snapshot(self) -> Snapshot:
        """The state as of the records taken so far."""
        result = Snapshot()
        for record in self._winners.values():
            key, fence, payload = record.key, record.fence, record.payload
            if key == META_KEY:
                result.fence, result.meta = fence, payload
            elif payload is not None:
                result.entries[key] = StateEntry(fence, payload)
            else:
                result.gone[key] = fence
        result.gone = {key: fence for key, fence in result.gone.items() if fence > result.fence}
        return result
