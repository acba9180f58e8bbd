"""What waits for one endpoint, in the order of time, and how far all of it is settled; pure."""

import heapq
from collections import deque
from collections.abc import Iterable, Mapping

from webhook_dispatcher.notification import Notification, Place


class NotificationQueue:
    """Notifications of several partitions; within a partition they keep the order of the log.

    Between partitions there is no order but that of the records' timestamps, as far as they have been read.
    """

    def __init__(self, positions: Mapping[Place, int]) -> None:
        """Begin at these offsets."""
        self._read = dict(positions)
        self._newest: dict[Place, int] = {}
        self._heap: list[tuple[int, Place, int, Notification]] = []
        self._open: dict[Place, deque[int]] = {place: deque() for place in positions}

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def read(self) -> Mapping[Place, int]:
        """For each partition the offset to read next."""
        return self._read

    def add(self, place: Place, notifications: Iterable[Notification], next_offset: int) -> None:
        """Take what was read of a partition, from where it was read last, up to `next_offset`."""
        for notification in notifications:
            # A clock that was set back does not put a record before its forerunners.
            time = max(notification.timestamp, self._newest.get(place, 0))
            self._newest[place] = time
            heapq.heappush(self._heap, (time, place, notification.offset, notification))
            self._open[place].append(notification.offset)
        self._read[place] = next_offset

    def head(self) -> Notification | None:
        """The notification to deliver next."""
        return self._heap[0][3] if self._heap else None

    def settle_head(self) -> None:
        """Take the head off: it is delivered or given up."""
        _, place, _, _ = heapq.heappop(self._heap)
        self._open[place].popleft()

    def positions(self) -> dict[Place, int]:
        """For each partition the offset before which all is settled."""
        return {place: (self._open[place] or [read])[0] for place, read in self._read.items()}
