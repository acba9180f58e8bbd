"""Refuses reports while the broker's log is over its cap, or its disk nearly full."""

import asyncio
from pathlib import Path

from ingest_gateway.errors import LOG_FULL
from runtime.kafka_disk import DiskLimits, DiskUsage, measure
from runtime.logging import get_logger
from runtime.problems import ProblemError

_log = get_logger(__name__)
LOOK_SECONDS = 2.0


class DiskGuard:
    """Knows how full the log was a moment ago.

    What arrives between two looks may go beyond the cap: a cap needs that much disk above it.
    """

    def __init__(self, log_dir: Path, limits: DiskLimits, every: float = LOOK_SECONDS) -> None:
        """Look at `log_dir` each `every` seconds, once `run` is started."""
        self._log_dir = log_dir
        self._limits = limits
        self._every = every
        self.is_full = False

    def check(self) -> None:
        """Let a report pass.

        Raises:
            ProblemError: there is no room for it.
        """
        if self.is_full:
            raise ProblemError(
                LOG_FULL, "nothing was stored: send again when the stored part is cleared away"
            )

    async def run(self) -> None:
        """Look until cancelled; while it cannot look, what it saw last holds."""
        while True:
            try:
                self._judge(await asyncio.to_thread(measure, self._log_dir))
            except OSError as error:
                _log.warning("log_size_unknown", reason=repr(error))
            await asyncio.sleep(self._every)

    def _judge(self, usage: DiskUsage) -> None:
        is_full = usage.used > self._limits.cap_bytes or usage.free < self._limits.min_free_bytes
        if is_full == self.is_full:
            return
        self.is_full = is_full
        facts = {
            "used_bytes": usage.used,
            "cap_bytes": self._limits.cap_bytes,
            "free_bytes": usage.free,
            "min_free_bytes": self._limits.min_free_bytes,
        }
        if is_full:
            _log.error("log_full", **facts)
        else:
            _log.info("log_has_room_again", **facts)
