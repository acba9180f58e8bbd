"""What Ctrl-C means at each stage of a demo."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """The first signal ends the work, the next one the waiting for results, one more the demo itself."""

    def __init__(self) -> None:
        self.stop_work = asyncio.Event()
        self.stop_waiting = asyncio.Event()

    def advance(self, task: asyncio.Task[object]) -> None:
        """Go one stage on; `task` is the demo's own."""
        if not self.stop_work.is_set():
            self.stop_work.set()
        elif not self.stop_waiting.is_set():
            self.stop_waiting.set()
        else:
            task.cancel()

    @contextmanager
    def handle_signals(self) -> Iterator[None]:
        """Take signals while the block runs; in the main thread only."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is None:
            raise RuntimeError("signals are handled from within a task")
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.advance, task)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
