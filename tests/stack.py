"""A whole stack of a test's own: `promethios up --detach` in a folder and on ports of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from infra.cli.client import offsets_of
from infra.cli.gateways import wait_for_gateways
from infra.errors import StackError
from infra.supervisor import ports
from infra.supervisor.control import ServiceState, Supervisor
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import CLICKHOUSE_USER, kafka_address
from infra.supervisor.stack_file import StackFile, read
from runtime.settings import KafkaAddress
from schemas.tables import DATABASE
from tests.embedded_broker import QUICK_COMPILER
from tests.ports import unused

SERVICES = {"gateway", "query", "kafka", "clickhouse", "processors", "writer", "webhooks"}

UP_SECONDS = 300
DOWN_SECONDS = 120


def free_offset() -> int:
    """An offset at which all ports of a stack are free, and below those of outgoing connections."""
    highest_default = max(ports.DEFAULT_PORTS.values())
    for _ in range(1_000):
        offset = unused() - ports.DEFAULT_PORTS["gateway"]
        if highest_default + offset >= ports.lowest_ephemeral():
            continue
        try:
            ports.check_free("127.0.0.1", ports.with_offset(offset))
        except StackError:
            continue
        return offset
    raise AssertionError("no offset is free")


def promethios(*arguments: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it said; it may fail."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli.main", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, **QUICK_COMPILER},
    )


class RunningStack:
    """Starts when made; `down` ends it."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        self.folder = DataFolder.at(data_dir)
        self.offset = free_offset()
        self.up(*options)

    def up(self, *options: str) -> None:
        """Start, also again after `down`, with the same ports."""
        started = self.run("up", "--detach", "--port-offset", str(self.offset), *options, timeout=UP_SECONDS)
        assert started.returncode == 0, started.stdout + started.stderr
        self.startup_report = started.stdout

    def down(self) -> None:
        """Stop everything."""
        stopped = self.run("down", timeout=DOWN_SECONDS)
        assert stopped.returncode == 0, stopped.stdout + stopped.stderr

    @property
    def is_running(self) -> bool:
        return self.run("status").returncode == 0

    def run(self, command: str, *arguments: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a subcommand on this stack."""
        return promethios(command, "--data-dir", str(self.folder.root), *arguments, timeout=timeout)

    def status(self) -> dict[str, Any]:
        """What `promethios status --json` prints."""
        shown = self.run("status", "--json")
        assert shown.returncode == 0, shown.stderr
        status: dict[str, Any] = json.loads(shown.stdout)
        return status

    def process(self, service: str) -> ServiceState:
        """A supervised process as it stands, without the cost of a command; it must be known."""
        states = Supervisor(Path(self.file.supervisor_socket)).states()
        assert states is not None
        [found] = [state for state in states if state.name == service]
        return found

    @property
    def file(self) -> StackFile:
        return read(self.folder)

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.file.ports['gateway']}"

    @property
    def query(self) -> str:
        return f"http://127.0.0.1:{self.file.ports['query']}"

    @property
    def kafka(self) -> KafkaAddress:
        """The stack's broker, as who administers it."""
        broker = self.file.broker
        assert broker is not None
        return kafka_address(self.folder, broker)

    @property
    def anonymous_kafka(self) -> KafkaAddress:
        """The stack's broker, as anybody."""
        return KafkaAddress(f"127.0.0.1:{self.file.ports['kafka']}")

    @property
    def token(self) -> str:
        return self.folder.admin_token_file.read_text().strip()

    @property
    def clickhouse(self) -> dict[str, Any]:
        """The arguments of clickhouse-connect's clients."""
        return {
            "host": "127.0.0.1",
            "port": self.file.ports["clickhouse"],
            "username": CLICKHOUSE_USER,
            "password": self.folder.clickhouse_password_file.read_text().strip(),
            "database": DATABASE,
        }

    def create_agents(self, agent_ids: list[str]) -> dict[str, str]:
        """Create agents of the default tenant by the query API; their keys by id, which gateways know."""
        headers = {"Authorization": f"Bearer {self.token}"}
        keys = {}
        with httpx.Client(base_url=self.query, headers=headers, timeout=60) as client:
            for agent_id in agent_ids:
                created = client.post(
                    "/api/v1/agents", json={"agent_id": agent_id}, params={"tenant": "default"}
                )
                assert created.status_code == 201, created.text
                keys[agent_id] = created.json()["api_key"]
        wait_for_gateways(self.file.gateway_sockets, offsets_of(created), seconds=UP_SECONDS)
        return keys
