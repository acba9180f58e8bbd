"""Which keys were used, noted on the hot path at the price of a dictionary's lookup; pure."""

_INTERVAL_MS = 60_000
_MOST_KEYS = 100_000


class KeyUsage:
    """Notes the use of a key at most once in an interval, for somebody who takes the notes now and then.

    Holds at most `most` keys: of more that are used within one interval, some are noted late.
    """

    def __init__(self, interval_ms: int = _INTERVAL_MS, most: int = _MOST_KEYS) -> None:
        """Nothing is noted yet."""
        self._interval = interval_ms
        self._most = most
        # In the order of their times, as a key leaves before it is noted again.
        self._noted: dict[str, int] = {}
        self._pending: dict[str, int] = {}

    def note(self, key_id: str, now: int) -> None:
        """A key is used at `now`, in milliseconds."""
        noted = self._noted.get(key_id)
        if noted is not None:
            if now - noted < self._interval:
                return
            del self._noted[key_id]
        elif len(self._noted) >= self._most:
            return
        self._noted[key_id] = self._pending[key_id] = now

    def take(self, now: int) -> dict[str, int]:
        """The notes since the last time: key ids and when they were used."""
        taken, self._pending = self._pending, {}
        while self._noted:
            key_id = next(iter(self._noted))
            if now - self._noted[key_id] < self._interval:
                break
            del self._noted[key_id]
        return taken

    def forget(self, notes: dict[str, int]) -> None:
        """These notes were lost: the next use of their keys is to be noted."""
        for key_id in notes:
            self._noted.pop(key_id, None)
