"""What must hold of a worker after any fault: state and outputs are those of a pure replay of the log."""

import contextlib
from collections import defaultdict
from typing import NamedTuple

from aiokafka import TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import DerivedEvent, decode_event, subject_of
from schemas.errors import InvalidMessageError
from schemas.topics import DERIVED_TOPICS, Topic
from stream_processors.replay import replay
from stream_processors.state.log import StateLog
from tests.integration.telemetry_feed import PARTITIONS


class Compared(NamedTuple):
    """How much there was to compare."""

    agents: int
    events: int
    repeated: int


async def assert_equals_replay(address: KafkaAddress) -> Compared:
    """Compare state bit for bit, and outputs by id; the worker must have been stopped in an orderly way.

    Tests share a broker, so events about agents, or tenants, that the log does not know are others'.
    """
    state_log = StateLog(Topic.PROCESSOR_STATE, address, client_id="test-oracle")
    expected: dict[str, DerivedEvent] = {}
    agents: set[str] = set()
    for partition in range(PARTITIONS):
        snapshot = await state_log.load(partition)
        replayed = await replay(address, partition, snapshot.fence)
        stored = {key: (entry.fence, entry.payload) for key, entry in snapshot.entries.items()}
        assert stored == {key: (packed.fence, packed.payload) for key, packed in replayed.agents.items()}
        assert len({event.id for event in replayed.events}) == len(replayed.events), "ids are unique"
        expected |= {event.id: event for event in replayed.events}
        agents |= stored.keys() | {subject_of(event.data) for event in replayed.events}
    published = [event for event in await read_events(address) if subject_of(event.data) in agents]
    found: dict[str, DerivedEvent] = {}
    for event in published:
        assert found.setdefault(event.id, event) == event, "a repeated output says what it said before"
    assert found == expected
    return Compared(len(agents), len(expected), len(published) - len(found))


async def read_events(address: KafkaAddress, *topics: Topic) -> list[DerivedEvent]:
    """The events of derived topics, or of all, in the order of each topic.

    What is none was left by another test.
    """
    reader = kafka.consumer(address, client_id="test-oracle")
    await reader.start()
    try:
        targets = [
            TopicPartition(topic, partition)
            for topic in topics or DERIVED_TOPICS
            for partition in range(PARTITIONS)
        ]
        ends = await reader.end_offsets(targets)
        reader.assign(targets)
        await reader.seek_to_beginning(*targets)
        events: dict[str, list[DerivedEvent]] = defaultdict(list)
        while [tp for tp in targets if await reader.position(tp) < ends[tp]]:
            for place, records in (await reader.getmany(timeout_ms=200)).items():
                for record in records:
                    with contextlib.suppress(InvalidMessageError):
                        events[place.topic].append(decode_event(record.headers, record.key, record.value))
        return [event for topic in sorted(events) for event in events[topic]]
    finally:
        await reader.stop()
