"""The real broker: it keeps what it acknowledged, stops fast, and comes back from a SIGKILL by itself."""

import asyncio
import dataclasses
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from infra.kafka.principals import READER
from infra.kafka.topics import ensure_topics
from infra.supervisor.ports import machine_address
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from tests.embedded_broker import PASSWORDS, EmbeddedBroker, as_user

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """Whoever stops it starts it again; each test has a partition of its own."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("broker"))
    broker.start()
    asyncio.run(ensure_topics(broker.address, 4))
    yield broker
    broker.stop()


async def send(
    address: KafkaAddress, values: list[bytes], partition: int, topic: Topic = Topic.TELEMETRY
) -> None:
    producer = kafka.producer(address, client_id="test")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, partition=partition)
    finally:
        await producer.stop()


async def read(
    address: KafkaAddress, count: int, partition: int, topic: Topic = Topic.TELEMETRY
) -> list[bytes]:
    consumer = kafka.consumer(address, client_id="test")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition)])
        await consumer.seek_to_beginning()
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_the_process_is_the_broker_and_its_title_says_so(broker: EmbeddedBroker) -> None:
    assert "kafka" in psutil.Process(broker.pid).cmdline()[0]
    assert psutil.Process(broker.pid).children() == []


async def test_what_was_acknowledged_survives_a_clean_restart_which_needs_no_network(
    broker: EmbeddedBroker,
) -> None:
    await send(broker.address, [b"one", b"two"], 0)
    began = time.monotonic()
    assert broker.stop() == 143
    assert time.monotonic() - began < 30
    broker.start(dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "PROMETHIOS_MAVEN_URL"), "http://127.0.0.1:9"))
    assert await read(broker.address, 2, 0) == [b"one", b"two"]


async def test_what_was_acknowledged_survives_a_sigkill(broker: EmbeddedBroker) -> None:
    await send(broker.address, [b"one", b"two"], 1)
    broker.kill()
    broker.start()
    await send(broker.address, [b"three"], 1)
    assert await read(broker.address, 3, 1) == [b"one", b"two", b"three"]


async def test_a_message_of_the_largest_size_passes(broker: EmbeddedBroker) -> None:
    value = bytes(15 * 1024 * 1024)
    await send(broker.address, [value], 2)
    assert await read(broker.address, 1, 2) == [value]


async def test_a_broker_on_all_addresses_asks_everybody_who_they_are(tmp_path: Path) -> None:
    broker, host = EmbeddedBroker(tmp_path), machine_address()
    broker.start(
        {
            "PROMETHIOS_KAFKA_HOST": "0.0.0.0",  # noqa: S104 - what this test is about
            "PROMETHIOS_KAFKA_ADVERTISED_HOST": host,
        }
    )
    reader = dataclasses.replace(as_user(broker.address, READER), bootstrap_servers=f"{host}:{broker.port}")
    try:
        await ensure_topics(broker.address, 4)
        await send(broker.address, [b"one"], 0, Topic.ALERTS)
        assert await told(broker.address) == {broker.address.bootstrap_servers}
        assert await told(reader) == {f"{host}:{broker.port}"}
        assert await read(reader, 1, 0, Topic.ALERTS) == [b"one"]
        with pytest.raises(KafkaConnectionError):
            await told(broker.anonymous)
    finally:
        broker.stop()


async def told(address: KafkaAddress) -> set[str]:
    """The brokers that a client is told to go to."""
    admin = kafka.admin(address, client_id="test")
    try:
        await admin.start()
        return {f"{node['host']}:{node['port']}" for node in (await admin.describe_cluster())["brokers"]}
    finally:
        await admin.close()


def test_nothing_that_the_broker_writes_about_itself_is_read_by_others(broker: EmbeddedBroker) -> None:
    properties = broker.folder / "kafka" / "server.properties"
    assert stat.S_IMODE(properties.stat().st_mode) == 0o600
    said = broker.log + " ".join(psutil.Process(broker.pid).cmdline()) + properties.read_text()
    assert not any(password in said for password in PASSWORDS.values())
