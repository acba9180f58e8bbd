"""`promethios replay --verify`: equal after a kill, also while the worker goes on; differences are found."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from msgspec import structs
from typer.testing import CliRunner

from infra.cli.main import app
from infra.kafka.topics import ensure_topics
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import write
from runtime import kafka
from runtime.settings import KAFKA_URL, KafkaAddress
from schemas.derived import DerivedEvent, encode_event
from schemas.topics import Topic
from stream_processors.checkpoint.store import AFTER_OUTPUTS
from stream_processors.replay import replay
from stream_processors.state.log import StateLog
from stream_processors.state.snapshot import state_record
from tests.embedded_broker import EmbeddedBroker
from tests.infra.supervisor.stacks import own_stack
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, Fleet, send
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(600)]


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedBroker]:
    """One of the test's own: on the shared one others publish what follows from no log."""
    monkeypatch.delenv(KAFKA_URL, raising=False)
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    write(DataFolder.at(tmp_path / "stack"), own_stack(DataFolder.at(tmp_path / "stack"), broker.address))
    yield broker
    broker.stop()


def verify(folder: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code, and what is said of each partition."""
    command = ["replay", "--verify", "--json", "--data-dir", str(folder / "stack"), *arguments]
    done = CliRunner().invoke(app, command)
    assert done.output.startswith("{"), done.output
    return done.exit_code, json.loads(done.stdout)["partitions"]


async def test_equal_after_a_kill_and_each_difference_is_found(
    broker: EmbeddedBroker, tmp_path: Path
) -> None:
    address = broker.address
    await ensure_topics(address, PARTITIONS)
    worker = WorkerProcess(address, tmp_path, instance="test")
    offsets = await send(address, Fleet("verified", agents=20, seed=3).blocks(300))
    try:
        worker.start(failpoint=f"{AFTER_OUTPUTS}:2")
        assert await worker.exit_code() == -9, worker.log
        worker.start()
        await worker.has_stored(offsets)

        async def totals_are_stored() -> bool:
            # Those of each partition come with a tick, which the reports need not have waited for.
            return sum(int(one["states"]) for one in verify(tmp_path)[1]) == 20 + PARTITIONS

        await until("states of all agents, and the totals", totals_are_stored)
        code, partitions = verify(tmp_path)
        assert (code, {one["outcome"] for one in partitions}) == (0, {"equal"}), partitions
        # The agents', and of each partition when it last published totals.
        assert sum(one["states"] for one in partitions) == 20 + PARTITIONS
        assert all(one["events"] and one["start"] == 0 for one in partitions)
        assert sum(one["repeated"] for one in partitions), "the kill had something published twice"
        assert await worker.stop() == 0
    finally:
        worker.kill()

    agent = await corrupt_state(address, partition=1)
    code, partitions = verify(tmp_path)
    assert (code, [one["outcome"] for one in partitions]) == (1, ["equal", "different", "equal", "equal"])
    assert partitions[1]["first"] == [{"agent": agent, "kind": "state", "event": ""}]

    altered, unexpected = await publish_wrongly(address, partition=2)
    code, partitions = verify(tmp_path, "--partition", "2")
    assert (code, [one["partition"] for one in partitions]) == (1, [2])
    assert {(one["event"], one["kind"]) for one in partitions[0]["first"]} == {
        (altered, "contradicted"),
        (unexpected, "unexpected"),
    }

    await cut_off_start(address, partition=3)
    code, partitions = verify(tmp_path, "--partition", "3")
    assert (code, partitions[0]["outcome"], partitions[0]["differences"]) == (0, "part", {})
    assert 0 < partitions[0]["uncertain"] <= partitions[0]["states"]


async def corrupt_state(address: KafkaAddress, partition: int) -> str:
    """Store another state for one agent, as if by the checkpoint; the agent's key."""
    state_log = StateLog(Topic.PROCESSOR_STATE, address, client_id="test")
    snapshot = await state_log.load(partition)
    agent, entry = max(snapshot.entries.items())
    assert snapshot.meta is not None
    entries = [state_record(agent, entry.fence, entry.payload[:-1] + bytes([entry.payload[-1] ^ 1]))]
    await state_log.write(partition, snapshot.fence, entries, snapshot.meta)
    await state_log.stop()
    return agent


async def publish_wrongly(address: KafkaAddress, partition: int) -> tuple[str, str]:
    """Publish an event again that says something else, and one that follows from nothing; their ids."""
    snapshot = await StateLog(Topic.PROCESSOR_STATE, address, client_id="test").load(partition)
    event = (await replay(address, partition, snapshot.fence)).events[0]
    await publish(
        address, [structs.replace(event, time=event.time + 1), structs.replace(event, id="of-nothing")]
    )
    return event.id, "of-nothing"


async def publish(address: KafkaAddress, events: list[DerivedEvent]) -> None:
    producer = kafka.producer(address, client_id="test")
    await producer.start()
    for record in map(encode_event, events):
        await producer.send_and_wait(record.topic, record.value, key=record.key, headers=record.headers)
    await producer.stop()


async def cut_off_start(address: KafkaAddress, partition: int) -> None:
    """Delete the first half of a partition's telemetry, as the writer does to make room."""
    snapshot = await StateLog(Topic.PROCESSOR_STATE, address, client_id="test").load(partition)
    admin = kafka.admin(address, client_id="test")
    await admin.start()
    target = TopicPartition(Topic.TELEMETRY.value, partition)
    await admin.delete_records({target: RecordsToDelete(before_offset=snapshot.fence // 2)})
    await admin.close()
