"""The servers under test: processes of the benchmark's own, waited for and asked for their CPU time."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil

_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Server:
    """A running peer: where it takes events, and the processes that do the work."""

    name: str
    port: int
    processes: Sequence[psutil.Process]

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """What its processes have used so far, user and system."""
        return cpu_seconds(self.processes)


class Program(NamedTuple):
    """How a server runs: its command, its own variables, and a path that answers as soon as it serves."""

    command: Sequence[str]
    environment: Mapping[str, str]
    ready_path: str


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """User and system time of processes together."""
    return sum(spent.user + spent.system for spent in (process.cpu_times() for process in processes))


@contextmanager
def process(
    command: Sequence[str], environment: dict[str, str], log: Path, folder: Path | None = None
) -> Iterator[psutil.Process]:
    """Run a command with `environment` and end it; it starts in `folder`."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            list(command), env=environment, stdout=output, stderr=output, cwd=folder, start_new_session=True
        )
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def gateway(name: str, workers: int, port: int, base: dict[str, str], source: Path) -> Iterator[Server]:
    """Workers of the gateway in the checkout `source` on one port.

    `base` is the environment of the stack's own gateway, so that the limits, the disk guard and the broker's
    credentials are what they are there.
    """
    with ExitStack() as running:
        processes, sockets = [], []
        for worker in range(workers):
            socket = Path(base["PROMETHIOS_SOCKET_DIR"]) / f"{name}-{worker}.sock"
            environment = base | {
                "PYTHONPATH": str(source),
                "PROMETHIOS_GATEWAY_PORT": str(port),
                "PROMETHIOS_GATEWAY_WORKER": str(worker),
                "PROMETHIOS_GATEWAY_SOCKET": str(socket),
            }
            log = Path(base["PROMETHIOS_LOG_DIR"]) / f"{name}-{worker}.log"
            command = [sys.executable, "-m", "ingest_gateway"]
            processes.append(running.enter_context(process(command, environment, log, source)))
            sockets.append((socket, log))
        for (socket, log), started in zip(sockets, processes, strict=True):
            wait_until_ready(httpx.HTTPTransport(uds=str(socket)), "http://gateway/readyz", started, log)
        yield Server(name, port, processes)


@contextmanager
def server(name: str, port: int, program: Program, log: Path) -> Iterator[Server]:
    """Any other server of one process."""
    with process(program.command, {**os.environ, **program.environment}, log) as started:
        wait_until_ready(httpx.HTTPTransport(), f"http://127.0.0.1:{port}{program.ready_path}", started, log)
        yield Server(name, port, [started])


def wait_until_ready(transport: httpx.BaseTransport, url: str, started: psutil.Process, log: Path) -> None:
    """Block until `url` answers with anything but a 503.

    Raises:
        SystemExit: the process has ended, or the time is over; with the end of its log.
    """
    deadline = time.monotonic() + _READY_SECONDS
    with httpx.Client(transport=transport) as client:
        while time.monotonic() < deadline and started.is_running() and started.status() != "zombie":
            try:
                if client.get(url).status_code != 503:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer in time:\n{log.read_text(errors='replace')[-3000:]}")
