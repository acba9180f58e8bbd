"""The consumers in `examples/consumers/` read what is published, as anybody of this machine may."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import DERIVED_TYPES, endings_of
from schemas.topics import DERIVED_TOPICS, Service, Topic
from tests.embedded_broker import EmbeddedBroker, as_service
from tests.schemas.derived_examples import EXAMPLES, DerivedExample

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
FOLLOW = "examples/consumers/follow.py"
CONSOLE = "examples/consumers/console.sh"
EXAMPLE_SECONDS = 180


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A broker with the ends of an erased agent, and each example record twice, as after a crash."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("consumers"))
    broker.start()
    asyncio.run(_publish(broker.address, [*EXAMPLES, *EXAMPLES]))
    yield broker
    broker.stop()


async def _publish(address: KafkaAddress, examples: Sequence[DerivedExample]) -> None:
    await ensure_topics(address, 2)
    producer = kafka.producer(as_service(address, Service.PROCESSORS), client_id="test")
    await producer.start()
    topics = {derived.name: derived.topic for derived in DERIVED_TYPES}
    for ending in endings_of("default/erased"):
        await producer.send_and_wait(ending.topic, ending.value, ending.key, headers=ending.headers)
    for example in examples:
        headers = [(name, text.encode()) for name, text in example.headers.items()]
        value = json.dumps(example.value).encode()
        await producer.send_and_wait(topics[example.type_name], value, example.key.encode(), headers=headers)
    await producer.stop()


def _follow(broker: EmbeddedBroker, *options: str) -> list[dict[str, Any]]:
    command = [sys.executable, FOLLOW, "--kafka", broker.anonymous.bootstrap_servers]
    return [json.loads(line) for line in _output([*command, *options]).splitlines()]


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=EXAMPLE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_consumer_hands_each_event_on_once(broker: EmbeddedBroker) -> None:
    topics = [str(topic) for topic in DERIVED_TOPICS]
    first = _follow(broker, *topics, "--events", str(len(EXAMPLES)))
    assert {event["id"] for event in first} == {example.headers["ce_id"] for example in EXAMPLES}
    by_id = {example.headers["ce_id"]: example for example in EXAMPLES}
    for event in first:
        example = by_id[event["id"]]
        assert (event["type"], event["data"]) == (example.type_name, example.value)
        assert event["subject"] == example.headers["ce_subject"]


def test_kafkas_console_consumer_shows_headers_and_data(broker: EmbeddedBroker) -> None:
    (derived,) = (derived for derived in DERIVED_TYPES if derived.topic is Topic.ALERTS)
    alerts = [example for example in EXAMPLES if example.type_name == derived.name]
    shown = _output(
        [CONSOLE, Topic.ALERTS, "--from-beginning", "--max-messages", str(2 * len(alerts))],
        {"PYTHON": sys.executable, "KAFKA": broker.anonymous.bootstrap_servers},
    )
    lines = [line.split("\t") for line in shown.splitlines()]
    assert len(lines) == 2 * len(alerts)
    for headers, key, value in lines:
        found = dict(header.split(":", 1) for header in headers.split(","))
        (example,) = (example for example in alerts if example.headers["ce_id"] == found["ce_id"])
        assert (found, key, json.loads(value)) == (example.headers, example.key, example.value)
