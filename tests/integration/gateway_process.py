"""A gateway worker as a process of a test's own, and agents that it knows."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from infra.kafka.topics import ensure_topics
from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.control import CONTROL_TYPES, Agent, ApiKey, control_key
from schemas.identity import hash_secret, new_api_key
from schemas.permissions import Permission
from schemas.topics import DEFAULT_PARTITIONS, Service, Topic
from tests.cleartext import NO_CERTIFICATES
from tests.embedded_broker import as_service
from tests.ports import unused

READY_SECONDS = 180.0
# Kafka on a busy machine may need more than a gateway gives it, and a test has no other fault in mind.
PATIENT_ACK_SECONDS = "8"
LOGS = "/api/v1/agents/logs"


class GatewayProcess:
    """`python -m ingest_gateway` on a port, with its private socket and its log in `folder`.

    `settings` are named as in the environment, without PROMETHIOS.
    """

    def __init__(
        self, address: KafkaAddress, port: int, folder: Path, worker: int = 0, **settings: str
    ) -> None:
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}"
        self.socket = folder / f"gateway-{worker}.sock"
        self._log = folder / f"gateway-{worker}.log"
        self._environment = {
            "PROMETHIOS_KAFKA_URL": as_service(address, Service.GATEWAY).url,
            "PROMETHIOS_GATEWAY_PORT": str(port),
            "PROMETHIOS_GATEWAY_SOCKET": str(self.socket),
            "PROMETHIOS_GATEWAY_WORKER": str(worker),
            "PROMETHIOS_GATEWAY_ACK_SECONDS": PATIENT_ACK_SECONDS,
            **{f"PROMETHIOS_{name.upper()}": value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ingest_gateway"],
                env={**os.environ, **self._environment},
                stdout=log,
                stderr=log,
            )

    async def readiness(self) -> httpx.Response | None:
        """What /readyz says on the private socket; None while nobody listens."""
        assert self._process is not None
        assert self._process.poll() is None, self.log
        transport = httpx.AsyncHTTPTransport(uds=str(self.socket), verify=NO_CERTIFICATES)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            try:
                return await client.get("/readyz")
            except httpx.TransportError:
                return None

    async def ready(self, *, knows_keys: int = 0) -> None:
        """Wait until it takes reports and has read the control topics up to an offset."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            answer = await self.readiness()
            if answer and answer.is_success and answer.json()["control"][Topic.API_KEYS] >= knows_keys:
                return
            assert time.monotonic() < deadline, self.log
            await asyncio.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        return self.end(signal.SIGTERM)

    def end(self, number: signal.Signals) -> int:
        if self._process is not None:
            self._process.send_signal(number)
        return self.exit_code(60)

    def exit_code(self, seconds: float) -> int:
        """Wait for its end; 0 when it has not been started."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        return process.wait(seconds)


class Reporter:
    """An agent that reports logs; `token` is its key."""

    def __init__(self, agent_id: str, token: str) -> None:
        self.agent_id = agent_id
        self.token = token

    async def log(
        self, client: httpx.AsyncClient, message: str, *, events: int = 1, key: str | None = None
    ) -> httpx.Response:
        event = {"agentId": self.agent_id, "level": "info", "message": message}
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await client.post(LOGS, content=msgspec.json.encode([event] * events), headers=headers)


@contextmanager
def serving_gateway(
    address: KafkaAddress, folder: Path, agent_id: str, **settings: str
) -> Iterator[tuple[GatewayProcess, Reporter]]:
    """A gateway that is ready, and the one agent that it knows; it has to stop cleanly in the end."""
    asyncio.run(ensure_topics(address, DEFAULT_PARTITIONS))
    (reporter,), known = asyncio.run(create_reporters(address, agent_id))
    process = GatewayProcess(address, unused(), folder, 0, **settings)
    process.start()
    try:
        asyncio.run(process.ready(knows_keys=known))
        yield process, reporter
        assert process.stop() == 0
    finally:
        process.end(signal.SIGKILL)


async def create_reporters(address: KafkaAddress, *agent_ids: str) -> tuple[list[Reporter], int]:
    """Agents with a key each, and how far the key topic must have been read to know them."""
    reader = ControlReader(address, dict(CONTROL_TYPES.items()), "test")
    writer = ControlWriter(address, reader, "test")
    await reader.start()
    await writer.start()
    reporters, offset = [], 0
    for agent_id in agent_ids:
        token = new_api_key(agent_id)
        agent = Agent("default", agent_id, f"gov-{agent_id}", 1)
        key = ApiKey(
            f"key-{agent_id}",
            "default",
            agent_id,
            agent.governance_id,
            hash_secret(token),
            tuple(Permission),
            1,
        )
        await writer.put(Topic.AGENTS, control_key(agent), agent)
        offset = await writer.put(Topic.API_KEYS, control_key(key), key)
        reporters.append(Reporter(agent_id, token))
    await writer.stop()
    await reader.stop()
    return reporters, offset + 1
