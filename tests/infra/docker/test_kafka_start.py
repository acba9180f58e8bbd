"""The broker of the compose file, as far as it goes without Docker: its script and properties, run here."""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console
from rich.progress import Progress

from infra.embedded.kafka.java import broker_command, tool_command
from infra.embedded.kafka.prepare import prepare
from infra.kafka.access import secure_cluster
from infra.kafka.acls import Users, cluster_acls
from infra.kafka.principals import ADMIN, READER, SERVICE_USERS, USERS
from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from schemas.topics import Service, Topic
from tests.infra.docker.test_compose import SERVICES
from tests.kafka_probe import is_let_in, probing, until_it_is
from tests.ports import unused

FILES = Path(__file__).parents[3] / "infra" / "docker" / "kafka"
PASSWORD = "of-this-test"
START_SECONDS = 180.0


def test_every_user_has_a_password_and_every_service_uses_its_own() -> None:
    script = (FILES / "start.sh").read_text()
    (line,) = (line for line in script.splitlines() if line.lstrip().startswith("for user in "))
    assert {f"promethios-{word}" for word in line.split(" in ")[1].removesuffix("; do").split()} == set(USERS)
    environment = SERVICES["promethios"]["environment"]
    assert f"//{ADMIN}:" in environment["PROMETHIOS_KAFKA_URL"]
    for service, user in SERVICE_USERS.items():
        assert f"//{user}:" in environment[f"PROMETHIOS_{service.upper()}_KAFKA_URL"]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KafkaAddress]:
    """As the container would run it, on other ports and with our Java."""
    ports = {"19092": unused(), "9092": unused(), "9093": unused()}
    properties = (FILES / "server.properties").read_text().replace("://kafka:", "://127.0.0.1:")
    for former, port in ports.items():
        properties = properties.replace(f":{former}", f":{port}")
    (tmp_path / "start.sh").write_text((FILES / "start.sh").read_text())
    (tmp_path / "server.properties").write_text(properties.replace("/var/lib/kafka/data", f"{tmp_path}/data"))
    home = kafka_home(tmp_path / "home")
    environment = SERVICES["kafka"]["environment"] | {"KAFKA_HOME": str(home), "KAFKA_PASSWORD": PASSWORD}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*SERVICES["kafka"]["command"][:1], str(tmp_path / "start.sh")],
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
    address = KafkaAddress(f"127.0.0.1:{ports['19092']}", "SASL_PLAINTEXT", ADMIN, SecretStr(PASSWORD))
    wait_until_healthy(process, ports["19092"], tmp_path / "log")
    yield address
    process.send_signal(signal.SIGTERM)
    process.wait(120)


def kafka_home(home: Path) -> Path:
    """A folder with the two scripts of Kafka's that are used."""
    with Progress(console=Console(stderr=True)) as progress:
        installation = prepare(progress)
    tool = tool_command(installation, "kafka.tools.StorageTool")
    server = broker_command(installation, Path("properties"), 512)[:-1]
    (home / "bin").mkdir(parents=True)
    for name, command in (("kafka-storage.sh", tool), ("kafka-server-start.sh", server)):
        (home / "bin" / name).write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        (home / "bin" / name).chmod(0o700)
    return home


def wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    check = [word.replace("19092", str(port)) for word in SERVICES["kafka"]["healthcheck"]["test"][1:]]
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(check, check=False, stderr=subprocess.DEVNULL).returncode != 0:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@pytest.mark.integration
async def test_it_keeps_everybody_to_their_own(broker: KafkaAddress) -> None:
    changes = await secure_cluster(broker, Users())
    assert changes.created == cluster_acls(Users())
    await ensure_topics(broker, 4)
    password = broker.password
    gateway = KafkaAddress(
        broker.bootstrap_servers, "SASL_PLAINTEXT", SERVICE_USERS[Service.GATEWAY], password
    )
    async with probing(gateway) as probe:
        await until_it_is(True, lambda: probe.write(Topic.TELEMETRY))
        assert not await probe.write(Topic.API_KEYS)
    reader = KafkaAddress(broker.bootstrap_servers, "SASL_PLAINTEXT", READER, password)
    async with probing(reader) as probe:
        await until_it_is(True, lambda: probe.read(Topic.ALERTS))
        assert not await probe.read(Topic.TELEMETRY)
    assert not await is_let_in(KafkaAddress(broker.bootstrap_servers))
