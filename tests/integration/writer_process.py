"""The writer as a process of a test's own."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import httpx

from runtime.settings import KafkaAddress
from schemas.tables import DATABASE
from schemas.topics import Service
from tests.embedded_broker import as_service
from tests.infra.embedded.clickhouse.front import PASSWORD, USER, EmbeddedClickHouse
from tests.integration.worker_process import until

READY_SECONDS = 45.0


def clickhouse_url(port: int) -> str:
    """The URL of an embedded ClickHouse, or of a proxy before one."""
    return f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{DATABASE}"


class WriterProcess:
    """`python -m stream_processors.writer`, with its log and its health address in `folder`."""

    def __init__(
        self, address: KafkaAddress, clickhouse: EmbeddedClickHouse, folder: Path, instance: str | None
    ) -> None:
        """`instance` is the static membership: a restart need not wait for a session to time out."""
        self._folder = folder
        self._environment = {
            **os.environ,
            "PROMETHIOS_KAFKA_URL": as_service(address, Service.WRITER).url,
            "PROMETHIOS_CLICKHOUSE_URL": clickhouse_url(clickhouse.port),
            "PROMETHIOS_RUN_DIR": str(folder),
            "PROMETHIOS_WRITER_CHECKPOINT_SECONDS": "0.5",
            "PROMETHIOS_WRITER_CHUNK_SECONDS": "0.2",
        }
        if instance is not None:
            self._environment["PROMETHIOS_WRITER_INSTANCE"] = instance
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self._folder / "writer.log").read_text()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, failpoint: str | None = None, **settings: str) -> None:
        """Start it; `settings` are PROMETHIOS_ variables in lower case."""
        (self._folder / "writer.health").unlink(missing_ok=True)
        environment = self._environment | {f"PROMETHIOS_{k.upper()}": v for k, v in settings.items()}
        if failpoint:
            environment["PROMETHIOS_FAILPOINT"] = failpoint
        with (self._folder / "writer.log").open("ab") as log:
            command = [sys.executable, "-m", "stream_processors.writer"]
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    async def ready(self) -> None:
        """Wait until it has joined its group."""

        async def answers() -> bool:
            assert self.is_running, self.log
            return '"status":"ready"' in await self.get("/readyz")

        await until("the writer is ready", answers, READY_SECONDS)

    async def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 while the process does not answer."""
        pattern = re.compile(rf"^{name}(?:{{.*}})? (\S+)$", re.MULTILINE)
        return sum(float(value) for value in pattern.findall(await self.get("/metrics")))

    async def get(self, path: str) -> str:
        """What its health server answers; nothing while it does not."""
        try:
            url = (self._folder / "writer.health").read_text()
            async with httpx.AsyncClient(timeout=2.0) as client:
                return (await client.get(url + path)).text
        except (OSError, httpx.HTTPError):
            return ""

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def exit_code(self, seconds: float = 30.0) -> int:
        """Wait for its end."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, seconds)

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
