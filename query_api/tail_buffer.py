"""What waits for one reader of a live tail: bounded, and what does not fit is counted."""

import asyncio
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reader is to be told: how many entries they missed, then those that are there, then the end.

    `ended` is the tag of the reason, None while it goes on.
    """

    missed: int = 0
    entries: tuple[bytes, ...] = ()
    ended: str | None = None

    @property
    def says_something(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.missed or self.entries or self.ended)


class TailBuffer:
    """The newest entries that fit: a reader who falls behind misses the oldest."""

    def __init__(self, most_entries: int, most_bytes: int) -> None:
        """At most so many entries and bytes, and always the newest entry whatever its size."""
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._entries: deque[bytes] = deque()
        self._bytes = 0
        self._missed = 0
        self._ended: str | None = None
        self._changed = asyncio.Event()

    def put(self, entry: bytes) -> None:
        """Add an entry."""
        self._entries.append(entry)
        self._bytes += len(entry)
        while len(self._entries) > 1 and (
            len(self._entries) > self._most_entries or self._bytes > self._most_bytes
        ):
            self._bytes -= len(self._entries.popleft())
            self._missed += 1
        self._changed.set()

    def end(self, reason: str) -> None:
        """Let it end after what is there; the first reason stands."""
        self._ended = self._ended or reason
        self._changed.set()

    async def wait(self, seconds: float) -> None:
        """Return when there is something to take, or the time is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def take(self) -> Taken:
        """All that is there, which is forgotten here."""
        taken = Taken(self._missed, tuple(self._entries), self._ended)
        self._entries.clear()
        self._bytes = self._missed = 0
        self._changed.clear()
        return taken
