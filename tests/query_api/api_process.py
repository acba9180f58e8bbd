"""The query API as a process of a test's own, over a real broker and a real ClickHouse."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec

from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.control import CONTROL_TYPES, control_key, control_topic
from schemas.identity import hash_secret
from schemas.operators import Operator, OperatorToken, Role
from schemas.topics import Service
from tests.cleartext import NO_CERTIFICATES
from tests.embedded_broker import as_service
from tests.infra.embedded.clickhouse.front import PASSWORD, USER, EmbeddedClickHouse
from tests.ports import unused

START_SECONDS = 180.0
ADMIN = "token-of-the-admin"
VIEWER = "token-of-a-viewer"
TENANT = "acme"
TENANT_ADMIN = "token-of-the-admin-of-acme"

# By the role that each shows; viewer and admin have names of their own because most tests need them.
TOKENS = {
    Role.VIEWER: VIEWER,
    Role.ANALYST: "token-of-an-analyst",
    Role.OPERATOR: "token-of-an-operator",
    Role.ADMIN: ADMIN,
}


def with_token(operator: Operator, token: str) -> Operator:
    """The operator with one token, for ever in force."""
    return msgspec.structs.replace(operator, tokens=(OperatorToken(f"{token}-id", hash_secret(token), 1),))


# None has the id of `up`'s admin: other tests on the same broker replace that one's token.
_OPERATORS = (
    *(with_token(Operator(f"tests-{role}", role, 1), token) for role, token in TOKENS.items()),
    with_token(Operator("acme-admin", Role.ADMIN, 1, TENANT), TENANT_ADMIN),
)


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


def url_of(clickhouse: EmbeddedClickHouse, database: str) -> str:
    """The form of PROMETHIOS_CLICKHOUSE_URL."""
    return f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{clickhouse.port}/{database}"


class QueryApiProcess:
    """`python -m query_api` on a free port; it may be started before what it depends on."""

    def __init__(self, folder: Path, kafka: KafkaAddress, clickhouse_url: str, **settings: str) -> None:
        self.port = unused()
        self._log = folder / "query.log"
        self._environment = {
            **os.environ,
            "PROMETHIOS_KAFKA_URL": as_service(kafka, Service.QUERY).url,
            "PROMETHIOS_CLICKHOUSE_URL": clickhouse_url,
            "PROMETHIOS_QUERY_PORT": str(self.port),
            **{f"PROMETHIOS_{name.upper()}": value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self, path: str = "/readyz") -> "QueryApiProcess":
        """Start and wait until `path` answers with 200."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "query_api"], env=self._environment, stdout=log, stderr=log
            )
        self.wait_for(path, 200)
        return self

    def wait_for(self, path: str, status: int) -> None:
        """Wait until `path` answers with this status."""
        deadline = time.monotonic() + START_SECONDS
        while self._status_of(path) != status:
            assert self._process is not None
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        """SIGKILL, as if the machine had lost it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=60)

    def client(self, token: str = ADMIN) -> httpx.Client:
        """A client that shows `token`."""
        return httpx.Client(base_url=self.url, headers=bearer(token), timeout=60, verify=NO_CERTIFICATES)

    def _status_of(self, path: str) -> int | None:
        try:
            return httpx.get(self.url + path, timeout=5, verify=NO_CERTIFICATES).status_code
        except httpx.TransportError:
            return None


async def put_operators(address: KafkaAddress) -> None:
    """Make the operators known."""
    types: dict[str, type[msgspec.Struct]] = {str(topic): data for topic, data in CONTROL_TYPES.items()}
    reader = ControlReader(address, types, "test-operators")
    writer = ControlWriter(address, reader, "test-operators")
    try:
        await reader.start()
        await writer.start()
        for operator in _OPERATORS:
            topic, key = control_topic(operator), control_key(operator)
            entry = reader.state.get(topic, key)
            await writer.put(topic, key, operator, replaces=entry.version if entry else 0)
    finally:
        await writer.stop()
        await reader.stop()
