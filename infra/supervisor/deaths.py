"""Notice a service that keeps dying."""

from collections import defaultdict, deque
from collections.abc import Mapping

DEATHS = 4
WINDOW_SECONDS = 60.0


class DeathWatch:
    """Counts how often each service has been started anew within the last minute."""

    def __init__(self) -> None:
        self._pids: dict[str, int] = {}
        self._deaths: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=DEATHS))

    def observe(self, pids: Mapping[str, int], now: float) -> str | None:
        """Take the services' process ids (0 where there is no process now) at a time in seconds.

        Returns the name of a service that has died DEATHS times within WINDOW_SECONDS, else None.
        """
        for name, pid in pids.items():
            before = self._pids.get(name, 0)
            if before and pid != before:
                self._deaths[name].append(now)
            self._pids[name] = pid
            deaths = self._deaths[name]
            if len(deaths) == DEATHS and now - deaths[0] <= WINDOW_SECONDS:
                return name
        return None
