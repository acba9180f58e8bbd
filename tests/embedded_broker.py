"""An embedded Kafka broker of a test's own, which can be stopped, killed and started again."""

import asyncio
import atexit
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from rich.progress import Progress

from infra.embedded.kafka.configuration import Listeners
from infra.embedded.kafka.installation import Installation
from infra.embedded.kafka.prepare import prepare
from infra.embedded.kafka.settings import log_dir_of
from infra.embedded.kafka.storage import format_into, is_formatted
from infra.kafka.access import secure_embedded
from infra.kafka.principals import ADMIN, SERVICE_USERS, USERS
from runtime.settings import KafkaAddress
from schemas.topics import Service
from tests.ports import unused

START_SECONDS = 180.0

# The life of a test's broker is too short for the optimizing compiler, which takes a core for seconds.
QUICK_COMPILER = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}

# Known to all, so that any test can be anybody.
PASSWORDS = {user: f"{user}-of-the-tests" for user in USERS}


def as_user(address: KafkaAddress, user: str) -> KafkaAddress:
    """The same broker as another user, if it is one of ours; a broker that knows no users stays as it is."""
    if address.username != ADMIN:
        return address
    return dataclasses.replace(address, username=user, password=SecretStr(PASSWORDS[user]))


def as_service(address: KafkaAddress, service: Service) -> KafkaAddress:
    """The same broker as the user that a service is."""
    return as_user(address, SERVICE_USERS[service])


@cache
def _formatted(installation: Installation) -> Path:
    """Storage that knows the users, made once in a process: Kafka's tool takes a second for it."""
    folder = Path(tempfile.mkdtemp(prefix="promethios-kafka-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    storage = folder / "storage"
    storage.mkdir()
    listeners = Listeners(
        host="127.0.0.1",
        port=unused(),
        internal_port=unused(),
        controller_port=unused(),
        anonymous=True,
    )
    format_into(installation, storage, listeners, PASSWORDS)
    return storage


class EmbeddedBroker:
    """`python -m infra.embedded.kafka` on free ports over one data folder.

    At `address` the administrator is let in; at `anonymous` anybody.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = unused()
        internal = f"127.0.0.1:{unused()}"
        self.address = KafkaAddress(internal, "SASL_PLAINTEXT", ADMIN, SecretStr(PASSWORDS[ADMIN]))
        self.anonymous = KafkaAddress(f"127.0.0.1:{self.port}")
        self._process: subprocess.Popen[bytes] | None = None
        self._secured = False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "broker.log").read_text()

    def start(self, extra: dict[str, str] | None = None) -> None:
        """Start, wait until it listens, and let each user do what it may, as `up` does.

        The controller's port is another one each time.
        """
        with Progress(console=Console(stderr=True)) as progress:
            installation = prepare(progress)
        storage = log_dir_of(self.folder / "kafka")
        if not is_formatted(storage):
            shutil.copytree(_formatted(installation), storage)
        environment = {
            "PROMETHIOS_KAFKA_PORT": str(self.port),
            "PROMETHIOS_KAFKA_INTERNAL_PORT": self.address.bootstrap_servers.rpartition(":")[2],
            "PROMETHIOS_KAFKA_CONTROLLER_PORT": str(unused()),
            "PROMETHIOS_KAFKA_PASSWORDS_DIR": str(self._passwords()),
            "PROMETHIOS_KAFKA_PATH": str(self.folder / "kafka"),
            **QUICK_COMPILER,
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
        if not self._secured:
            self._secured = True
            self._secure(anonymous="PROMETHIOS_KAFKA_HOST" not in environment)

    def stop(self) -> int:
        """Ask it to stop and return the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def _secure(self, *, anonymous: bool) -> None:
        # In a thread, because the caller may be in an event loop of its own.
        work = secure_embedded(self.address, PASSWORDS, anonymous=anonymous)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, work).result()

    def _passwords(self) -> Path:
        folder = self.folder / "kafka.passwords"
        folder.mkdir(exist_ok=True)
        for user, password in PASSWORDS.items():
            (folder / user).write_text(password)
        return folder

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(number)
        return process.wait(120)

    def _wait_until_listening(self) -> None:
        assert self._process is not None
        internal = int(self.address.bootstrap_servers.rpartition(":")[2])
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log
            with socket.socket() as public, socket.socket() as private:
                if (
                    public.connect_ex(("127.0.0.1", self.port))
                    == 0
                    == private.connect_ex(("127.0.0.1", internal))
                ):
                    return
            time.sleep(0.05)
        raise AssertionError(f"the broker did not listen in time:\n{self.log}")
