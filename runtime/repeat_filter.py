"""Keeps a log readable, and a disk free, while something fails many times a second."""

import logging
import time
from collections.abc import Callable, MutableMapping
from typing import Any

# Of one message in one window; more are counted, not written.
_MOST = 5
_WINDOW_SECONDS = 10.0
# Texts that differ each time are no templates: when there are too many, all are forgotten.
_MOST_TEMPLATES = 1000
_SUPPRESSED = "suppressed"


class _Window:
    __slots__ = ("began", "passed", "suppressed")

    def __init__(self, began: float) -> None:
        self.began = began
        self.passed = 0
        self.suppressed = 0


class RepeatFilter(logging.Filter):
    """Lets a warning or error of one logger and one template through a few times in ten seconds.

    The first of the next window carries how many were left out; what is below a warning always passes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go backwards."""
        super().__init__()
        self._clock = clock
        self._windows: dict[tuple[str, int, str], _Window] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written; see `add_suppressed` for the count."""
        if record.levelno < logging.WARNING:
            return True
        window = self._window((record.name, record.levelno, _template(record)), record)
        if window.passed >= _MOST:
            window.suppressed += 1
            return False
        window.passed += 1
        return True

    def _window(self, key: tuple[str, int, str], record: logging.LogRecord) -> _Window:
        now = self._clock()
        window = self._windows.get(key)
        if window is not None and now - window.began < _WINDOW_SECONDS:
            return window
        if window is not None and window.suppressed:
            setattr(record, _SUPPRESSED, window.suppressed)
        if len(self._windows) >= _MOST_TEMPLATES:
            self._windows.clear()
        window = self._windows[key] = _Window(now)
        return window


def add_suppressed(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor for ProcessorFormatter: the count that the filter has left on the record."""
    count = getattr(event.get("_record"), _SUPPRESSED, 0)
    if count:
        event[_SUPPRESSED] = count
    return event


def _template(record: logging.LogRecord) -> str:
    # structlog hands its whole event over as a dictionary.
    return str(record.msg.get("event")) if isinstance(record.msg, dict) else str(record.msg)
