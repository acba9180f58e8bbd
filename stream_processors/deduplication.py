"""Which batches of an agent are repeats: a function of the log alone, shared by writer and processors."""

from schemas.block import BATCH_ID_BYTES, LATEST_APPEND_MS, Segment

# Of an agent's keyed batches are remembered: the last ones at least, all of the last minute, so many at most.
REMEMBERED_AT_LEAST = 16
REMEMBERED_AT_MOST = 4096
# What exceeds LATEST_APPEND_MS is how far a gateway's clock may be ahead of the broker's.
REMEMBERED_MS = LATEST_APPEND_MS + 40_000

_TIME_BYTES = 8
ENTRY_BYTES = BATCH_ID_BYTES + _TIME_BYTES


def absorb_batch(recent: bytearray, segment: Segment, appended_at: int) -> bool:
    """Note a segment in the order of the log, and say whether its rows count.

    `recent` holds the agent's last keyed batches, oldest first, each as its id and its record's Kafka
    timestamp (`appended_at`, milliseconds); it is changed in place. False means: the same keyed batch is
    among them, so this one is a repeat, or it came too late. A repeat does not renew its place, or else a
    client that repeats for ever would push nothing out.
    """
    if not segment.keyed:
        return True
    if segment.is_too_late(appended_at) or _knows(recent, segment.batch_id):
        return False
    # Kafka says -1 where a foreign producer gave no time.
    moment = max(appended_at, 0)
    recent += segment.batch_id + moment.to_bytes(_TIME_BYTES)
    _forget(recent, moment)
    return True


def forget_up_to(recent: bytearray, moment: float) -> None:
    """Forget the batches whose records came into the log up to a time, in milliseconds."""
    kept = (
        recent[entry * ENTRY_BYTES : (entry + 1) * ENTRY_BYTES]
        for entry in range(len(recent) // ENTRY_BYTES)
        if _appended_at(recent, entry) > moment
    )
    recent[:] = b"".join(kept)


def _knows(recent: bytearray, batch_id: bytes) -> bool:
    found = recent.find(batch_id)
    while found % ENTRY_BYTES and found >= 0:
        found = recent.find(batch_id, found + 1)
    return found >= 0


def _forget(recent: bytearray, now: int) -> None:
    entries = len(recent) // ENTRY_BYTES
    gone = max(entries - REMEMBERED_AT_MOST, 0)
    while entries - gone > REMEMBERED_AT_LEAST and _appended_at(recent, gone) + REMEMBERED_MS < now:
        gone += 1
    if gone:
        del recent[: gone * ENTRY_BYTES]


def _appended_at(recent: bytearray, entry: int) -> int:
    end = (entry + 1) * ENTRY_BYTES
    return int.from_bytes(recent[end - _TIME_BYTES : end])
