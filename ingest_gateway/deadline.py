"""A time limit for a block of code, cheap enough for every request."""

import asyncio
from types import TracebackType


class Deadline:
    """`with Deadline(seconds):` raises TimeoutError when the block takes longer.

    `asyncio.timeout` does the same at ten times the price, which was a tenth of a small request.
    """

    __slots__ = ("_passed", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        """The time starts with the block."""
        self._seconds = seconds
        self._passed = False

    def __enter__(self) -> None:
        """Start the time."""
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._pass)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Stop the time; a cancellation from elsewhere goes through."""
        self._timer.cancel()
        if not self._passed or kind is not asyncio.CancelledError or self._task is None:
            return
        if self._task.uncancel() == 0:
            raise TimeoutError from error

    def _pass(self) -> None:
        self._passed = True
        if self._task is not None:
            self._task.cancel()
