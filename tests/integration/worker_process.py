"""The Faust worker as a process of a test's own."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from runtime.settings import KafkaAddress
from schemas.topics import Service
from tests.embedded_broker import as_service

READY_SECONDS = 45.0


async def until(what: str, condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait for a condition, or fail saying what did not come."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.1)


class WorkerProcess:
    """`python -m stream_processors` against a broker, with its log and its health address in `folder`."""

    def __init__(self, address: KafkaAddress, folder: Path, instance: str | None = None) -> None:
        self._url = as_service(address, Service.PROCESSORS).url
        self._folder = folder
        self._instance = instance
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self._folder / "worker.log").read_text()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, failpoint: str | None = None) -> None:
        """Start it; `failpoint` names the step at which it kills itself."""
        (self._folder / "processors.health").unlink(missing_ok=True)
        environment = {
            **os.environ,
            "PROMETHIOS_KAFKA_URL": self._url,
            "PROMETHIOS_RUN_DIR": str(self._folder),
        }
        if self._instance:
            environment["PROMETHIOS_PROCESSORS_INSTANCE"] = self._instance
        if failpoint:
            environment["PROMETHIOS_FAILPOINT"] = failpoint
        with (self._folder / "worker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stream_processors"], env=environment, stdout=log, stderr=log
            )

    async def ready(self) -> None:
        """Wait until it owns its partitions."""

        async def answers() -> bool:
            assert self.is_running, self.log
            return (await self._get("/readyz")).startswith('{"status":"ready"')

        await until("the worker is ready", answers, READY_SECONDS)

    async def has_stored(self, offsets: list[tuple[int, int]]) -> None:
        """Wait until the fences of the partitions have reached these offsets."""
        wanted: dict[int, int] = {}
        for partition, offset in offsets:
            wanted[partition] = max(offset, wanted.get(partition, 0))

        async def reached() -> bool:
            assert self.is_running, self.log
            fences = await self.metric("promethios_processors_stored_offset")
            return all(fences.get(partition, -1) >= offset for partition, offset in wanted.items())

        await until(f"everything is stored up to {wanted}", reached)

    async def metric(self, name: str) -> dict[int, float]:
        """The values of a metric by partition."""
        pattern = re.compile(rf'^{name}{{partition="(\d+)"}} (\S+)$', re.MULTILINE)
        return {
            int(partition): float(value) for partition, value in pattern.findall(await self._get("/metrics"))
        }

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def exit_code(self, seconds: float = 30.0) -> int:
        """Wait for its end."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, seconds)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.send(signal.SIGTERM)
        return await self.exit_code(10.0)

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(10)

    async def _get(self, path: str) -> str:
        try:
            url = (self._folder / "processors.health").read_text()
            async with httpx.AsyncClient(timeout=2.0) as client:
                return (await client.get(url + path)).text
        except (OSError, httpx.HTTPError):
            return ""
