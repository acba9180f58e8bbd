"""The newest part of one partition in memory, so that endpoints that keep up read it together; pure."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from webhook_dispatcher.notification import Notification


class Page(NamedTuple):
    """A run of a partition, and the offset after it."""

    notifications: Sequence[Notification]
    next_offset: int


class Ring:
    """All notifications from `start` to `end`, offsets both; the oldest are dropped beyond the capacity."""

    def __init__(self, start: int, capacity: int) -> None:
        """Empty, at an offset."""
        self._capacity = capacity
        self._held: list[Notification] = []
        self.start = start
        self.end = start

    def extend(self, notifications: Sequence[Notification], end: int) -> None:
        """Take what follows; records that are no notifications leave gaps before `end`."""
        self._held += notifications
        self.end = max(self.end, end)
        if len(self._held) > 2 * self._capacity:
            del self._held[: -self._capacity]
            self.start = self._held[0].offset

    def page(self, offset: int, limit: int) -> Page | None:
        """At most `limit` notifications from an offset on; None when it is older than what is held."""
        if offset < self.start:
            return None
        first = bisect_left(self._held, offset, key=lambda notification: notification.offset)
        found = self._held[first : first + limit]
        is_all = first + limit >= len(self._held)
        return Page(found, max(offset, self.end) if is_all else found[-1].offset + 1)
