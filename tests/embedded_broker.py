"""An embedded Kafka broker of a test's own, which can be stopped, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from infra.embedded.kafka.prepare import prepare
from infra.supervisor.ports import unused

START_SECONDS = 60.0


class EmbeddedBroker:
    """`python -m infra.embedded.kafka` on free ports over one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = unused()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "broker.log").read_text()

    def start(self, extra: dict[str, str] | None = None) -> None:
        """Start and wait until it listens; the controller's port is another one each time."""
        with Progress(console=Console(stderr=True)) as progress:
            prepare(progress)
        environment = {
            "PROMETHIOS_KAFKA_PORT": str(self.port),
            "PROMETHIOS_KAFKA_CONTROLLER_PORT": str(unused()),
            "PROMETHIOS_KAFKA_PATH": str(self.folder / "kafka"),
            **(extra or {}),
        }
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.embedded.kafka"],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        self._wait_until_listening()

    def stop(self) -> int:
        """Ask it to stop and return the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(30)

    def _wait_until_listening(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the broker did not listen in time:\n{self.log}")
