"""All derived topics are read, and a record on them that is no event is named."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import DerivedEvent, encode_event
from schemas.errors import InvalidMessageError
from schemas.identity import partition_of
from schemas.topics import Topic
from stream_processors.verification.published import read_published
from tests.stream_processors.verification.test_comparing import status, violation

ADDRESS = KafkaAddress("nowhere:1")
PARTITIONS = 2


class Consumer:
    """Partitions of records in memory, in place of a broker's."""

    def __init__(self, records: dict[TopicPartition, list[SimpleNamespace]]) -> None:
        self._records = records
        self._unread: set[TopicPartition] = set()
        self.stopped = False

    async def start(self) -> None:
        await asyncio.sleep(0)

    async def stop(self) -> None:
        self.stopped = True

    async def end_offsets(self, targets: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return {target: len(self._records.get(target, ())) for target in targets}

    def assign(self, targets: Sequence[TopicPartition]) -> None:
        self._assigned = set(targets)

    async def seek_to_beginning(self, *targets: TopicPartition) -> None:
        assert set(targets) == self._assigned
        self._unread = set(targets)

    async def position(self, target: TopicPartition) -> int:
        return 0 if target in self._unread else len(self._records.get(target, ()))

    async def getmany(
        self, target: TopicPartition, timeout_ms: int
    ) -> dict[TopicPartition, list[SimpleNamespace]]:
        assert timeout_ms
        self._unread.discard(target)
        return {target: self._records[target]}


def records_of(*events: DerivedEvent) -> list[SimpleNamespace]:
    encoded = [encode_event(event) for event in events]
    return [
        SimpleNamespace(offset=place, headers=one.headers, key=one.key, value=one.value)
        for place, one in enumerate(encoded)
    ]


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    """Two topics, with a copy."""
    consumer = Consumer(
        {
            TopicPartition(Topic.POLICY_VIOLATIONS, 1): records_of(violation("v"), violation("v")),
            TopicPartition(Topic.AGENT_STATUS, 0): records_of(status("s", "b")),
        }
    )
    monkeypatch.setattr(kafka, "consumer", lambda *_, **__: consumer)
    return consumer


async def test_all_topics_are_read_for_what_follows_from_a_partition(consumer: Consumer) -> None:
    theirs = {"v": ("t/a", 2), "s": ("t/b", 1)}
    for partition in range(PARTITIONS):
        published = await read_published(ADDRESS, partition, PARTITIONS, "test")
        assert {event_id: (one.subject, one.copies) for event_id, one in published.items()} == {
            event_id: one for event_id, one in theirs.items() if partition_of(one[0], PARTITIONS) == partition
        }
        assert not any(one.contradicted for one in published.values())
    assert consumer.stopped


async def test_what_is_no_event_is_named(consumer: Consumer) -> None:
    record = (await consumer.getmany(TopicPartition(Topic.AGENT_STATUS, 0), 1)).popitem()[1][0]
    record.value = b"{}"
    with pytest.raises(InvalidMessageError, match=rf"{Topic.AGENT_STATUS}\[0\] offset 0: not a derived"):
        await read_published(ADDRESS, 0, PARTITIONS, "test")
    assert consumer.stopped


async def test_what_ends_an_erased_agent_is_no_event(consumer: Consumer) -> None:
    record = (await consumer.getmany(TopicPartition(Topic.AGENT_STATUS, 0), 1)).popitem()[1][0]
    record.value, record.headers = None, []
    published = [
        await read_published(ADDRESS, partition, PARTITIONS, "test") for partition in range(PARTITIONS)
    ]
    assert {event_id for found in published for event_id in found} == {"v"}
