"""The real broker: it keeps what it acknowledged, stops fast, and comes back from a SIGKILL by itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import TopicPartition

from infra.kafka.topics import ensure_topics
from infra.supervisor.ports import machine_address, unused
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from tests.embedded_broker import EmbeddedBroker

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


async def send(broker: EmbeddedBroker, values: list[bytes]) -> None:
    producer = kafka.producer(KafkaAddress(broker.bootstrap_servers), client_id="test")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(Topic.TELEMETRY, value, partition=0)
    finally:
        await producer.stop()


async def read(broker: EmbeddedBroker, count: int, servers: str | None = None) -> list[bytes]:
    consumer = kafka.consumer(KafkaAddress(servers or broker.bootstrap_servers), client_id="test")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(Topic.TELEMETRY, 0)])
        await consumer.seek_to_beginning()
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_the_process_is_the_broker_and_its_title_says_so(broker: EmbeddedBroker) -> None:
    assert "kafka" in psutil.Process(broker.pid).cmdline()[0]
    assert psutil.Process(broker.pid).children() == []


async def test_what_was_acknowledged_survives_a_clean_restart(broker: EmbeddedBroker) -> None:
    await ensure_topics(KafkaAddress(broker.bootstrap_servers), 4)
    await send(broker, [b"one", b"two"])
    began = time.monotonic()
    broker.stop()
    assert time.monotonic() - began < 10
    broker.start()
    assert await read(broker, 2) == [b"one", b"two"]


async def test_what_was_acknowledged_survives_a_sigkill(broker: EmbeddedBroker) -> None:
    await ensure_topics(KafkaAddress(broker.bootstrap_servers), 4)
    await send(broker, [b"one", b"two"])
    broker.kill()
    broker.start()
    await send(broker, [b"three"])
    assert await read(broker, 3) == [b"one", b"two", b"three"]


async def test_a_message_of_the_largest_size_passes(broker: EmbeddedBroker) -> None:
    await ensure_topics(KafkaAddress(broker.bootstrap_servers), 4)
    value = bytes(15 * 1024 * 1024)
    await send(broker, [value])
    assert await read(broker, 1) == [value]


async def test_a_broker_on_all_addresses_serves_others_and_ourselves(tmp_path: Path) -> None:
    broker, internal = EmbeddedBroker(tmp_path), unused()
    broker.start(
        {
            "PROMETHIOS_KAFKA_HOST": "0.0.0.0",  # noqa: S104 - what this test is about
            "PROMETHIOS_KAFKA_ADVERTISED_HOST": machine_address(),
            "PROMETHIOS_KAFKA_INTERNAL_PORT": str(internal),
        }
    )
    try:
        await ensure_topics(KafkaAddress(f"127.0.0.1:{internal}"), 4)
        await send(broker, [b"one"])
        for servers, node in (
            (f"127.0.0.1:{internal}", f"127.0.0.1:{internal}"),
            (None, f"{machine_address()}:{broker.port}"),
        ):
            assert await read(broker, 1, servers) == [b"one"]
            assert await told(servers or broker.bootstrap_servers) == {node}
    finally:
        broker.stop()


async def told(servers: str) -> set[str]:
    """The brokers that a client is told to go to."""
    admin = kafka.admin(KafkaAddress(servers), client_id="test")
    await admin.start()
    try:
        return {f"{node['host']}:{node['port']}" for node in (await admin.describe_cluster())["brokers"]}
    finally:
        await admin.close()


def test_a_later_start_needs_no_network(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path)
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "PROMETHIOS_MAVEN_URL"), "http://127.0.0.1:9")
    broker.start(nowhere)
    assert broker.stop() == 143
