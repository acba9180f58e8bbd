"""Deadlines of many agents, so that a tick costs what is due and not what exists."""

from heapq import heappop, heappush


class Timers:
    """For each key the earliest deadline that was asked for; later ones are found out when that one is due.

    Most deadlines move away with each sign of life. So moving one back costs nothing here: the owner looks at
    the true deadline when the key comes due, and schedules it again.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []
        self._scheduled: dict[str, int] = {}

    def schedule(self, key: str, deadline: int) -> None:
        """Wake `key` at `deadline` or before."""
        scheduled = self._scheduled.get(key)
        if scheduled is None or deadline < scheduled:
            self._scheduled[key] = deadline
            heappush(self._heap, (deadline, key))

    def pop_due(self, now: int) -> list[str]:
        """Forget and return the keys whose deadline is `now` or before, in no particular order."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            deadline, key = heappop(self._heap)
            if self._scheduled.get(key) == deadline:
                del self._scheduled[key]
                due.append(key)
        return due
