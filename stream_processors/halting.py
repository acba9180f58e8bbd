"""When a reader stops rather than put ever more of a partition on the dead-letter topic; pure.

A few poison records must hold nothing up. When much of what comes cannot be taken, the fault is more likely
ours, a table that was not migrated or a release that does not fit, and to go on would make of it a heap of
letters that somebody has to send back.
"""

from collections import deque
from typing import NamedTuple

from pydantic import Field

from runtime.settings import ProcessSettings


class HaltLimit(NamedTuple):
    """More than so many records given up within so many seconds, if that is more than a share of all."""

    records: int
    share: float
    seconds: float


class HaltSettings(ProcessSettings):
    """The limit, as both readers of the telemetry topic have it from the environment."""

    dead_letter_limit: int = Field(
        default=1000, ge=0, description="a partition's reader halts when it gives up more records than this"
    )
    dead_letter_share: float = Field(
        default=0.1, ge=0, le=1, description="and more than this share of all records,"
    )
    dead_letter_seconds: float = Field(default=600, gt=0, description="within so many seconds")

    @property
    def halt_limit(self) -> HaltLimit:
        """The three in one."""
        return HaltLimit(self.dead_letter_limit, self.dead_letter_share, self.dead_letter_seconds)


class _Count(NamedTuple):
    at: float
    records: int
    given_up: int


class GivenUp:
    """Counts what one reader took and gave up of one partition, from its assignment on."""

    def __init__(self, limit: HaltLimit) -> None:
        """Nothing came yet."""
        self._limit = limit
        self._counts: deque[_Count] = deque()
        self._records = 0
        self._given_up = 0

    def note(self, now: float, records: int, given_up: int) -> None:
        """Count `records` of which `given_up` went to the dead letters; `now` in seconds, never backwards."""
        self._records += records
        self._given_up += given_up
        if self._counts and now - self._counts[-1].at < self._limit.seconds / _STEPS:
            last = self._counts.pop()
            self._counts.append(_Count(last.at, last.records + records, last.given_up + given_up))
        else:
            self._counts.append(_Count(now, records, given_up))
        while now - self._counts[0].at > self._limit.seconds:
            gone = self._counts.popleft()
            self._records -= gone.records
            self._given_up -= gone.given_up

    @property
    def too_much(self) -> bool:
        """Whether the limit is exceeded as of the last count."""
        return self._given_up > self._limit.records and self._given_up > self._limit.share * self._records

    def __str__(self) -> str:
        seconds = self._limit.seconds
        return f"{self._given_up} of {self._records} records were given up within {seconds:g} seconds"


# How finely the time is divided: so many counts are kept at most, and one more.
_STEPS = 60
