"""A download of a million log lines as Parquet, and what it takes of the processes' memory."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import psutil

from benchmarks.query.filling import DAYS
from benchmarks.stack import Stack

_LINES = 1_000_000
_SECONDS = 600
# How many MiB a process may grow by meanwhile, however many lines there are: less than the file has.
MAY_GROW = {"query": 32, "clickhouse": 384}
_SAMPLE_SECONDS = 0.05


@dataclass
class Download:
    """What came, and the resident memory in MiB of each process: before, and the most of it meanwhile."""

    rows: int
    size: int = 0
    seconds: float = 0.0
    before: dict[str, float] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)

    @property
    def grew_too_much(self) -> bool:
        """Whether a process took more memory for it than is constant."""
        return any(self.most[name] - self.before[name] > MAY_GROW[name] for name in self.before)

    def report(self) -> str:
        """One line."""
        grown = ", ".join(
            f"{name} {self.before[name]:.0f} to {self.most[name]:.0f} MiB" for name in self.before
        )
        return (
            f"{self.rows:,} log lines as Parquet: {self.size / 2**20:.1f} MiB in {self.seconds:.1f} s; "
            f"resident memory at most: {grown}{' MISSED' if self.grew_too_much else ''}"
        )


def download(stack: Stack, logs: int) -> Download:
    """The newest million lines of the tenant; nothing is kept of the file here either."""
    span = timedelta(days=DAYS) * min(1.0, _LINES / logs)
    wish = {"format": "parquet", "from": (datetime.now(UTC) - span).isoformat()}
    headers = {"Authorization": f"Bearer {stack.token}"}
    processes = {name: process for name, process in stack.processes().items() if name in MAY_GROW}
    with httpx.Client(base_url=stack.query, timeout=_SECONDS) as client:
        job = client.post("/api/v1/log-downloads", json=wish, headers=headers).raise_for_status().json()
        result = Download(job["rows"])
        began = datetime.now(UTC)
        with _watching(processes, result), client.stream("GET", job["url"]) as answer:
            answer.raise_for_status()
            for piece in answer.iter_raw():
                result.size += len(piece)
        result.seconds = (datetime.now(UTC) - began).total_seconds()
    return result


@contextmanager
def _watching(processes: Mapping[str, psutil.Process], result: Download) -> Iterator[None]:
    result.before = {name: _resident(process) for name, process in processes.items()}
    result.most = dict(result.before)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_SAMPLE_SECONDS):
            for name, process in processes.items():
                result.most[name] = max(result.most[name], _resident(process))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20
