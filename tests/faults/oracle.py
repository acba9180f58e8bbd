"""What must hold after any fault: accepted events stored once each, and state equal to a replay."""

import asyncio
import time

import clickhouse_connect
from aiokafka import TopicPartition

from runtime import kafka
from schemas.derived import decode_event, encode_event
from schemas.tables import Table
from schemas.topics import DEFAULT_PARTITIONS, DERIVED_TOPICS, Topic
from stream_processors.replay import replay
from stream_processors.state.log import StateLog
from stream_processors.state.snapshot import Snapshot
from tests.faults.fleet import Fleet
from tests.stack import RunningStack

_SETTLE_SECONDS = 180.0


async def assert_stored_exactly_once(stack: RunningStack, fleet: Fleet) -> None:
    """Wait until all accepted events of the fleet are in the log table, each once, and nothing beside them.

    A batch that was refused and then accepted under the same key is one batch.
    """
    agents = sorted(fleet.keys)
    accepted = {request.batch_id: request.events for request in fleet.accepted}
    assert len(accepted) == len(fleet.accepted)
    query = (
        f"SELECT toString(batch_id), count(), uniqExact(seq) FROM {Table.AGENT_LOGS} "  # noqa: S608 - a constant table
        "WHERE agent_id IN {agents:Array(String)} GROUP BY batch_id"
    )
    client = await clickhouse_connect.get_async_client(**stack.clickhouse)
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        rows = (await client.query(query, parameters={"agents": agents})).result_rows
        stored = {batch: (int(count), int(unique)) for batch, count, unique in rows}
        if len(stored) >= len(accepted) or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.5)
    await client.close()
    lost = [batch for batch in accepted if batch not in stored]
    wrong = {
        batch: seen for batch, seen in stored.items() if seen != (accepted.get(batch), accepted.get(batch))
    }
    assert lost == [], f"{len(lost)} of {len(accepted)} accepted batches are not stored"
    assert wrong == {}, "batches stored in part, twice, or never accepted"


async def assert_trust_is_a_pure_replay(stack: RunningStack) -> None:
    """Compare every partition's checkpoint, and the events that followed, with the rules run over the log."""
    state_log = StateLog(Topic.PROCESSOR_STATE, stack.kafka, client_id="oracle")
    # State first: what it follows from was published before it, while the worker goes on publishing.
    snapshots = [await _whole_checkpoint(state_log, number) for number in range(DEFAULT_PARTITIONS)]
    published = await _published(stack)
    for partition, snapshot in enumerate(snapshots):
        replayed = await replay(stack.kafka, partition, snapshot.fence)
        expected = {key: packed.payload for key, packed in replayed.agents.items()}
        assert {key: entry.payload for key, entry in snapshot.entries.items()} == expected
        missing = [event for event in replayed.events if event.id not in published]
        assert missing == [], f"events of partition {partition} that follow from the log were never published"
        changed = [
            event.id for event in replayed.events if published[event.id] != {encode_event(event).value}
        ]
        assert changed == [], f"events of partition {partition} were published with other content"
    await state_log.stop()


async def _whole_checkpoint(state_log: StateLog, partition: int) -> Snapshot:
    """The state of a worker that goes on: read again when it was read in the middle of a checkpoint."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        snapshot = await state_log.load(partition)
        if all(entry.fence <= snapshot.fence for entry in snapshot.entries.values()):
            return snapshot
        assert time.monotonic() < deadline, "every checkpoint that was read was half written"
        await asyncio.sleep(0.1)


async def _published(stack: RunningStack) -> dict[str, set[bytes]]:
    """The contents on the derived topics by event id: one, unless copies of an event differ."""
    consumer = kafka.consumer(stack.kafka, client_id="oracle")
    await consumer.start()
    partitions = [TopicPartition(topic, n) for topic in DERIVED_TOPICS for n in range(DEFAULT_PARTITIONS)]
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends = await consumer.end_offsets(partitions)
    published: dict[str, set[bytes]] = {}
    while any([await consumer.position(tp) < end for tp, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                event = decode_event(record.headers, record.key, record.value)
                published.setdefault(event.id, set()).add(record.value)
    await consumer.stop()
    return published
