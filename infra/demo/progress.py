"""What is seen while the demo runs: a live panel on a terminal, else a plain line now and then."""

import time
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

PLAIN_SECONDS = 5.0
_RATE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The demo at one moment; `alerts_*` are None until the query API has told them."""

    elapsed: float
    working: int
    silent: int
    accepted: int
    events_a_second: float
    repeats: int
    alerts_firing: int | None
    alerts_resolved: int | None

    def line(self) -> str:
        """All of it in one line."""
        firing = "?" if self.alerts_firing is None else self.alerts_firing
        resolved = "?" if self.alerts_resolved is None else self.alerts_resolved
        return (
            f"{self.elapsed:5.1f} s  {self.working} agents at work, {self.silent} silent  "
            f"{self.accepted:,} events accepted, {self.events_a_second:.0f}/s  "
            f"alerts: {firing} firing, {resolved} resolved"
        )


class Rate:
    """Events a second over the last few seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def update(self, now: float, count: int) -> float:
        """Take the count at `now` (seconds) and return the rate."""
        self._seen.append((now, count))
        while now - self._seen[0][0] > _RATE_SECONDS:
            self._seen.popleft()
        since, before = self._seen[0]
        return (count - before) / (now - since) if now > since else 0.0


class Display:
    """Shows snapshots until it is left; leaving clears the live panel."""

    def __init__(self, console: Console, title: str) -> None:
        """Live if `console` is a terminal."""
        self._console = console
        self._title = title
        self._live = Live(console=console, transient=True) if console.is_terminal else None
        self._last_line = float("-inf")

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the live panel."""
        if self._live:
            self._live.stop()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot; without a terminal, at most one in PLAIN_SECONDS."""
        if self._live:
            self._live.update(self._panel(snapshot), refresh=True)
        elif time.monotonic() - self._last_line >= PLAIN_SECONDS:
            self._last_line = time.monotonic()
            self._console.print(snapshot.line(), highlight=False, soft_wrap=True)

    def _panel(self, snapshot: Snapshot) -> Table:
        panel = Table(title=self._title, title_justify="left", show_header=False)
        panel.add_row("time", f"{snapshot.elapsed:.0f} s")
        panel.add_row("agents", f"{snapshot.working} at work, {snapshot.silent} silent")
        panel.add_row("events", f"{snapshot.accepted:,} accepted, {snapshot.events_a_second:.0f}/s")
        panel.add_row("requests repeated", str(snapshot.repeats))
        if snapshot.alerts_firing is not None:
            panel.add_row("alerts", f"{snapshot.alerts_firing} firing, {snapshot.alerts_resolved} resolved")
        return panel
