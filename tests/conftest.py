"""The real broker and the real stack that tests share: from the environment, from Docker, else embedded."""

import gc
import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from testcontainers.community.kafka import KafkaContainer
from xdist.remote import Producer

from infra.clickhouse.migrate import migrate
from runtime.settings import (
    KAFKA_INSECURE,
    KAFKA_URL,
    KafkaAddress,
    parse_clickhouse_url,
    parse_kafka_url,
)
from tests.embedded_broker import EmbeddedBroker
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.gateway_process import PATIENT_ACK_SECONDS
from tests.integration.writer_process import clickhouse_url
from tests.sharing_out import SharingOut, in_turn, places
from tests.stack import RunningStack

# `make test` judges a change: the same examples each time, few, as there are some hundred properties, and
# none too slow on a machine that is busy.
settings.register_profile(
    "same", derandomize=True, deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")
# `make explore` and `make fuzz` look for what nobody knows yet.
settings.register_profile("explore", derandomize=False, max_examples=100)
settings.register_profile("long", derandomize=False, max_examples=5_000)

TESTS = Path(__file__).parent
KAFKA_IMAGE = "confluentinc/cp-kafka:8.1.0"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingOut | None:
    """Distribute by files as `sharing_out` says."""
    return SharingOut(config, log) if config.option.dist == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    """Let each worker of a run begin to collect elsewhere."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None and config.args_source is config.ArgsSource.TESTPATHS:
        entries = sorted(
            str(entry) for entry in TESTS.iterdir() if entry.is_dir() or entry.match("test_*.py")
        )
        number = int(worker["workerid"].removeprefix("gw"))
        config.args = in_turn(entries, number, worker["workercount"])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage in what is collected: it stays, and is much."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in their order, which is the same for all workers."""
    files = {item: item.nodeid.partition("::")[0] for item in items}
    order = places(set(files.values()))
    items.sort(key=lambda item: order[files[item]])


def docker_answers() -> bool:
    """Whether containers can be started here; asked by hand, as HTTP clients leak a socket on a no."""
    scheme, _, place = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").partition("://")
    host, _, port = place.partition(":")
    with socket.socket(socket.AF_UNIX if scheme == "unix" else socket.AF_INET) as connection:
        connection.settimeout(5)
        try:
            connection.connect(place if scheme == "unix" else (host, int(port)))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
        except OSError:
            return False


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaAddress]:
    """A broker without topics of ours, unless the environment names one; as who administers it."""
    if url := os.environ.get(KAFKA_URL):
        yield parse_kafka_url(url)
    elif docker_answers():
        with KafkaContainer(KAFKA_IMAGE).with_kraft() as container, pytest.MonkeyPatch.context() as patch:
            # It asks for no password; it is the tests' own.
            patch.setenv(KAFKA_INSECURE, "1")
            yield KafkaAddress(container.get_bootstrap_server())
    else:
        broker = EmbeddedBroker(tmp_path_factory.mktemp("kafka"))
        broker.start()
        yield broker.address
        broker.stop()


@pytest.fixture(scope="session")
def migrated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an embedded ClickHouse with all tables, to be copied: to make them takes far longer.

    The workers of a run share it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "migrated"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            folder.mkdir()
            clickhouse = EmbeddedClickHouse(folder).start()
            migrate(parse_clickhouse_url(clickhouse_url(clickhouse.port)))
            assert clickhouse.stop() == 0, clickhouse.log
            (folder / "done").touch()
    return folder / "data"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A whole stack that all tests of a session share; a test that stops it for good needs one of its own.

    Its webhooks may call this machine, where tests have their receivers, and its gateway is patient.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMETHIOS_OUTGOING_NETWORKS", "127.0.0.0/8")
        patch.setenv("PROMETHIOS_GATEWAY_ACK_SECONDS", PATIENT_ACK_SECONDS)
        running = RunningStack(tmp_path_factory.mktemp("stack") / ".promethios")
    yield running
    running.down()
