"""What a partition of a state topic says: for each key the record with the highest fence; pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.errors import InvalidMessageError

# Keys of entries begin with a letter or a digit (ID_RULE), so this one is nobody's.
META_KEY = "$meta"

NOTHING_ABSORBED = -1
FENCE_HEADER = "fence"
_FENCE_BYTES = 8


class StateRecord(NamedTuple):
    """A record of a state topic: `payload` None says that the key is gone as of `fence`."""

    key: str
    fence: int
    payload: bytes | None


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
    """Key, value and headers of a Kafka record.

    The fence stands before the payload; a tombstone has no value, so there it is a header.

    Raises:
        OverflowError: the fence is negative.
    """
    fence = record.fence.to_bytes(_FENCE_BYTES)
    if record.payload is None:
        return record.key.encode(), None, [(FENCE_HEADER, fence)]
    return record.key.encode(), fence + record.payload, []


def decode_record(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> StateRecord:
    """Read a record of a state topic.

    Raises:
        InvalidMessageError: it has no key or no fence.
    """
    fence = dict(headers).get(FENCE_HEADER, b"") if value is None else value[:_FENCE_BYTES]
    if key is None or len(fence) != _FENCE_BYTES:
        raise InvalidMessageError("a state record has a key and a fence of 8 bytes")
    payload = None if value is None else value[_FENCE_BYTES:]
    return StateRecord(key.decode(), int.from_bytes(fence), payload)


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
        for key, fence, payload in self._winners.values():
            if key == META_KEY:
                result.fence, result.meta = fence, payload
            elif payload is not None:
                result.entries[key] = StateEntry(fence, payload)
            else:
                result.gone[key] = fence
        result.gone = {key: fence for key, fence in result.gone.items() if fence > result.fence}
        return result
