"""Ends a worker that stands still, because Kafka consumers are known to stall without a word."""

import faulthandler
import threading
import time
from collections.abc import Mapping

from stream_processors.exiting import GiveUp

STALL_SECONDS = 60.0
CHECK_SECONDS = 1.0


class ProgressWatch:
    """For how long each partition has had records in the log that no checkpoint covers; pure.

    Every second brings a tick, so a partition whose stored fence does not move while ticks are acknowledged
    is stuck. While the broker is away there are no new ticks, and standing still is no fault.
    """

    def __init__(self, limit: float = STALL_SECONDS) -> None:
        """Tolerate `limit` seconds."""
        self._limit = limit
        self._seen: dict[int, tuple[int, float]] = {}

    def lag(self, newest: Mapping[int, int], stored: Mapping[int, int]) -> dict[int, int]:
        """Records behind the newest tick, by partition; nothing stored yet counts from the first sight."""
        return {p: max(0, offset - stored.get(p, offset - 1)) for p, offset in newest.items()}

    def stalled(self, newest: Mapping[int, int], stored: Mapping[int, int], now: float) -> int | None:
        """A partition that has been behind without progress for too long, or None."""
        lags = self.lag(newest, stored)
        for partition in set(self._seen) - set(newest):
            del self._seen[partition]
        for partition, lag in lags.items():
            fence = stored.get(partition, -1)
            known = self._seen.get(partition)
            if known is None or known[0] != fence or not lag:
                self._seen[partition] = (fence, now)
            elif now - known[1] > self._limit:
                return partition
        return None


class LoopWatch:
    """A thread that ends the process when the event loop has been blocked for too long."""

    def __init__(self, give_up: GiveUp, limit: float = STALL_SECONDS) -> None:
        """Tolerate `limit` seconds; nothing is watched before `start`."""
        self._give_up = give_up
        self._limit = limit
        self._last = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="loop-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch; `beat` has to be called from the loop from now on."""
        self.beat()
        self._thread.start()

    def beat(self) -> None:
        """Note that the loop is alive."""
        self._last = time.monotonic()

    def stop(self) -> None:
        """Watch no more."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(CHECK_SECONDS):
            blocked = time.monotonic() - self._last
            if blocked > self._limit:
                faulthandler.dump_traceback()
                self._give_up(f"the event loop has been blocked for {blocked:.0f} s")
                return
