"""The real broker and the real stack that tests share: from the environment, from Docker, else embedded."""

import os
from collections.abc import Iterator

import httpx
import pytest
from testcontainers.community.kafka import KafkaContainer

from runtime.settings import KafkaAddress, parse_kafka_url
from tests.embedded_broker import EmbeddedBroker
from tests.stack import RunningStack

KAFKA_IMAGE = "confluentinc/cp-kafka:8.1.0"


def docker_answers() -> bool:
    """Whether containers can be started here. Asked without Docker's client, which leaks a socket on a no."""
    scheme, _, place = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").partition("://")
    transport = httpx.HTTPTransport(uds=place if scheme == "unix" else None)
    try:
        with httpx.Client(transport=transport, timeout=5) as client:
            return client.get(f"http://{'docker' if scheme == 'unix' else place}/_ping").is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaAddress]:
    """A broker without topics of ours, unless the environment names one."""
    if url := os.environ.get("PROMETHIOS_KAFKA_URL"):
        yield parse_kafka_url(url)
    elif docker_answers():
        with KafkaContainer(KAFKA_IMAGE).with_kraft() as container:
            yield KafkaAddress(container.get_bootstrap_server())
    else:
        broker = EmbeddedBroker(tmp_path_factory.mktemp("kafka"))
        broker.start()
        yield KafkaAddress(broker.bootstrap_servers)
        broker.stop()


@pytest.fixture(scope="session")
def kafka_broker(kafka_address: KafkaAddress) -> str:
    """The broker's `host:port`."""
    return kafka_address.bootstrap_servers


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A whole stack that all tests of a session share; a test that stops it for good needs one of its own."""
    running = RunningStack(tmp_path_factory.mktemp("stack") / ".promethios")
    yield running
    running.down()
