"""A process that reads the stream, as a test's own: started, asked how it is, signalled and ended."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import httpx

from runtime.settings import KafkaAddress
from schemas.topics import Service
from tests.cleartext import NO_CERTIFICATES
from tests.embedded_broker import as_service

# What only says that something never comes: a machine under load is slow.
READY_SECONDS = 180.0
_END_SECONDS = 180.0
_ANSWER_SECONDS = 30.0


async def until(what: str, condition: Callable[[], Awaitable[bool]], seconds: float = 150.0) -> None:
    """Wait for a condition, or fail saying what did not come."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.1)


class StreamProcess:
    """`python -m module` as a service's own user, with its log and its health address in `folder`."""

    def __init__(
        self, module: str, service: Service, address: KafkaAddress, folder: Path, settings: Mapping[str, str]
    ) -> None:
        self._command = [sys.executable, "-m", module]
        self._service = service
        self._health = folder / f"{service}.health"
        self._log = folder / f"{service}.log"
        self._environment = {
            **os.environ,
            "PROMETHIOS_KAFKA_URL": as_service(address, service).url,
            "PROMETHIOS_RUN_DIR": str(folder),
            **_variables(settings),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, failpoint: str | None = None, **settings: str) -> None:
        """Start it; `failpoint` is the step to kill itself at, `settings` are PROMETHIOS_ variables."""
        self._health.unlink(missing_ok=True)
        environment = self._environment | _variables(settings)
        if failpoint:
            environment["PROMETHIOS_FAILPOINT"] = failpoint
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=environment, stdout=log, stderr=log)

    async def ready(self) -> None:
        """Wait until it says that it is."""

        async def answers() -> bool:
            assert self.is_running, self.log
            return '"status":"ready"' in await self.get("/readyz")

        await until(f"the {self._service} is ready", answers, READY_SECONDS)

    async def get(self, path: str) -> str:
        """What its health server answers; nothing while it does not."""
        try:
            url = self._health.read_text()
            async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, verify=NO_CERTIFICATES) as client:
                return (await client.get(url + path)).text
        except (OSError, httpx.HTTPError):
            return ""

    async def samples(self, metric: str) -> Iterator[tuple[str, float]]:
        """The labels, as they are written, and the value of each sample; none while it does not answer."""
        pattern = re.compile(rf"^{metric}(?:{{(.*)}})? (\S+)$", re.MULTILINE)
        return ((labels, float(value)) for labels, value in pattern.findall(await self.get("/metrics")))

    async def exit_code(self, seconds: float = _END_SECONDS) -> int:
        """Wait for its end."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, seconds)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.send(signal.SIGTERM)
        return await self.exit_code()

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(_END_SECONDS)


def _variables(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"PROMETHIOS_{name.upper()}": value for name, value in settings.items()}
