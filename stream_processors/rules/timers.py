"""Deadlines of many agents, so that a tick costs what is due and not what exists."""

from heapq import heappop, heappush


class Timers:
    """For each key the deadline that was asked for last.

    Most deadlines move away with each sign of life. So moving one back costs nothing here: when the former
    one has come the key is put in its new place, without a look at what it stands for.
    """

    def __init__(self) -> None:
        self._deadlines: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []
        # Where each key stands in the heap, at its deadline or before.
        self._places: dict[str, int] = {}

    def schedule(self, key: str, deadline: int) -> None:
        """Wake `key` at `deadline`, and not when it was to be woken before."""
        self._deadlines[key] = deadline
        place = self._places.get(key)
        if place is None or deadline < place:
            self._push(key, deadline)

    def forget(self, key: str) -> None:
        """Do not wake `key`."""
        self._deadlines.pop(key, None)

    def pop_due(self, now: int) -> list[str]:
        """Forget and return the keys whose deadline is `now` or before, in no particular order."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            place, key = heappop(self._heap)
            if self._places.get(key) != place:
                continue
            del self._places[key]
            deadline = self._deadlines.get(key)
            if deadline is None:
                continue
            if deadline > now:
                self._push(key, deadline)
                continue
            del self._deadlines[key]
            due.append(key)
        return due

    def _push(self, key: str, deadline: int) -> None:
        self._places[key] = deadline
        heappush(self._heap, (deadline, key))
