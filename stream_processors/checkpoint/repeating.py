"""What a new owner writes once more, because a stale owner's last batch may have come behind it.

A process that is stopped with a batch in its hands sends it when it wakes. Its records have lower fences, so
whoever loads the partition ignores them; but compaction keeps the last record of a key, whatever its fence.
The broker refuses a batch that is older than LATEST_STATE_MS. So what is written after that, for as long as
an agent stays silent, is the last word on it.
"""

from collections.abc import Callable

from schemas.topics import LATEST_STATE_MS
from stream_processors.absorbing import is_agent
from stream_processors.state.snapshot import StateRecord

# Clocks may be as far apart as half of this again.
REPEAT_AFTER_SECONDS = 1.5 * LATEST_STATE_MS / 1000

# A cut repeats so many at most, lest one checkpoint hold a whole fleet.
MOST_AT_ONCE = 5000


class Repeating:
    """The entries that were written soon after an assignment, and not since; each is written once more.

    Of agents, who may be a whole fleet, only the keys are kept: what was not written again has not changed.
    """

    def __init__(self, assigned_at: float, entry_of: Callable[[str], StateRecord]) -> None:
        """`assigned_at` in seconds of a clock that never goes back; `entry_of` packs a held agent."""
        self._from = assigned_at + REPEAT_AFTER_SECONDS
        self._entry_of = entry_of
        self._early: dict[str, StateRecord | None] = {}

    def add(self, entries: list[StateRecord], now: float) -> list[StateRecord]:
        """The entries of a cut, and those of earlier ones that are due."""
        if now < self._from:
            for entry in entries:
                held = not entry.is_gone and is_agent(entry.key)
                self._early[entry.key] = None if held else entry
            return entries
        if not self._early:
            return entries
        for entry in entries:
            self._early.pop(entry.key, None)
        due = [(key, self._early.pop(key)) for key in list(self._early)[:MOST_AT_ONCE]]
        return entries + [entry or self._entry_of(key) for key, entry in due]
