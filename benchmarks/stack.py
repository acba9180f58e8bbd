"""A stack of the benchmark's own: started, asked for its processes' CPU time, and ended."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil

from benchmarks.load import Agent
from runtime.settings import parse_clickhouse_url

_DEFAULT_PORTS = (8080, 8090, 9092, 8123)


@dataclass(frozen=True)
class Stack:
    """A running stack: its data folder and addresses."""

    data_dir: Path
    offset: int

    @property
    def gateway(self) -> str:
        """The gateway's URL."""
        return f"http://127.0.0.1:{8080 + self.offset}"

    @property
    def query(self) -> str:
        """The query API's URL."""
        return f"http://127.0.0.1:{8090 + self.offset}"

    @property
    def kafka(self) -> str:
        """The broker's address."""
        return f"127.0.0.1:{9092 + self.offset}"

    @property
    def token(self) -> str:
        """The admin token."""
        return (self.data_dir / "admin.token").read_text().strip()

    @property
    def clickhouse(self) -> dict[str, Any]:
        """The arguments of clickhouse_connect's clients."""
        password = (self.data_dir / "clickhouse.password").read_text().strip()
        address = parse_clickhouse_url(f"http://promethios@127.0.0.1:{8123 + self.offset}/promethios")
        return {
            "host": address.host,
            "port": address.port,
            "username": address.username,
            "password": password,
            "database": address.database,
        }

    def processes(self) -> dict[str, psutil.Process]:
        """The services' processes by name."""
        listed = subprocess.run(
            _command("status", "--json", data_dir=self.data_dir), check=True, capture_output=True
        )
        services = orjson.loads(listed.stdout)["services"]
        return {name: psutil.Process(service["pid"]) for name, service in services.items()}

    def create_agents(self, count: int, prefix: str = "load", digits: int = 4) -> list[Agent]:
        """Register agents through the query API; blocking."""
        with httpx.Client(base_url=self.query, headers={"Authorization": f"Bearer {self.token}"}) as client:
            created = []
            for number in range(count):
                answer = client.post("/api/v1/agents", json={"agent_id": f"{prefix}-{number:0{digits}d}"})
                answer.raise_for_status()
                body = answer.json()
                created.append(Agent(body["agent_id"], body["api_key"]))
        return created


def _command(*arguments: str, data_dir: Path) -> list[str]:
    return [str(Path(sys.executable).parent / "promethios"), *arguments, "--data-dir", str(data_dir)]


def free_offset() -> int:
    """What can be added to every default port, so that all are free."""
    for offset in range(11_000, 23_000, 500):
        with_probe = [socket.socket() for _ in _DEFAULT_PORTS]
        try:
            for probe, port in zip(with_probe, _DEFAULT_PORTS, strict=True):
                probe.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        else:
            return offset
        finally:
            for probe in with_probe:
                probe.close()
    raise SystemExit("no free range of ports was found on the loopback interface")


@contextmanager
def running_stack(gateway_workers: int) -> Iterator[tuple[Stack, float]]:
    """Start a stack in a temporary folder and end it; with it come the seconds that `up` took."""
    data_dir = Path(tempfile.mkdtemp(prefix="promethios-bench-"))
    stack = Stack(data_dir, free_offset())
    options = ["--port-offset", str(stack.offset), "--gateway-workers", str(gateway_workers), "--detach"]
    begin = time.monotonic()
    subprocess.run(_command("up", *options, data_dir=data_dir), check=True, stdout=sys.stderr)
    try:
        yield stack, time.monotonic() - begin
    finally:
        subprocess.run(_command("down", data_dir=data_dir), check=True, stdout=sys.stderr)
        shutil.rmtree(data_dir)
