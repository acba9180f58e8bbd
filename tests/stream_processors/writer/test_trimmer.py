"""The trimmer finds closed segments, asks both readers, and asks the broker once for each cut."""

import asyncio
import os
from pathlib import Path
from typing import NamedTuple, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import GroupLoadInProgressError, KafkaConnectionError
from aiokafka.structs import OffsetAndMetadata

from runtime.kafka_disk import DiskLimits
from schemas.topics import PROCESSORS_GROUP, WRITER_GROUP, Topic
from stream_processors.state.log import StateLog
from stream_processors.writer import trimmer
from stream_processors.writer.trimmer import Trimmer, look
from tests.stream_processors.writer.fakes import eventually

KIB = 1024


class Reader(NamedTuple):
    """What is committed and stored of every partition."""

    commit: int
    fence: int

    async def newest_fence(self, _: int) -> int:
        return self.fence


class FakeBroker:
    """The admin client, and the log's folder."""

    def __init__(self, folder: Path, writer: Reader, processors: Reader) -> None:
        self.folder = folder
        self.readers = {WRITER_GROUP: writer, PROCESSORS_GROUP: processors}
        self.deleted: list[dict[int, int]] = []
        self.failures = 0
        self.loading = False

    async def list_consumer_group_offsets(
        self, group: str, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        if self.failures:
            self.failures -= 1
            raise KafkaConnectionError
        if self.loading:
            return {}
        return dict.fromkeys(partitions, OffsetAndMetadata(self.readers[group].commit, ""))

    async def delete_records(self, wanted: dict[TopicPartition, RecordsToDelete]) -> None:
        self.deleted.append({tp.partition: records.before_offset for tp, records in wanted.items()})

    def trimmer(self, cap_kib: int) -> Trimmer:
        states = tuple(cast("StateLog", reader) for reader in self.readers.values())
        limits = DiskLimits(cap_bytes=cap_kib * KIB, min_free_bytes=0)
        return Trimmer(self.folder, limits, self, (states[0], states[1]))


def segment(folder: Path, partition: int, first: int, *, topic: str = Topic.TELEMETRY) -> Path:
    """A file of 64 KiB, as old as its offset says."""
    path = folder / f"{topic}-{partition}" / f"{first:020d}.log"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(os.urandom(64 * KIB))
    os.utime(path, (first, first))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five segments of 64 KiB, two of them still written, and what is none of ours."""
    for partition, first in ((0, 0), (0, 10), (0, 20), (1, 5), (1, 15)):
        segment(tmp_path, partition, first)
    segment(tmp_path, 0, 0, topic=Topic.TELEMETRY_DEAD_LETTERS)
    (tmp_path / f"{Topic.TELEMETRY}-0.0123-delete").mkdir()
    return tmp_path


def test_closed_segments_are_found_by_their_names(folder: Path) -> None:
    found = look(folder)
    assert sorted((one.partition, one.first, one.end) for one in found.segments) == [
        (0, 0, 10),
        (0, 10, 20),
        (1, 5, 15),
    ]
    assert all(one.size == 64 * KIB for one in found.segments)
    assert found.usage.used >= 6 * 64 * KIB
    assert found.going == 0


async def test_nothing_is_asked_below_the_threshold(folder: Path) -> None:
    broker = FakeBroker(folder, Reader(30, 29), Reader(30, 29))
    broker.failures = 99
    await broker.trimmer(cap_kib=10_000).make_room()
    assert broker.deleted == []


async def test_it_deletes_what_both_have_done_with_and_asks_once(folder: Path) -> None:
    broker = FakeBroker(folder, Reader(30, 29), Reader(30, 14))
    trimmer = broker.trimmer(cap_kib=1)
    await trimmer.make_room()
    await trimmer.make_room()
    # Segment [10, 20) of partition 0 is needed from 15 on.
    assert broker.deleted == [{0: 10, 1: 15}]


async def test_what_is_deleted_but_not_gone_yet_counts_as_gone(folder: Path) -> None:
    broker = FakeBroker(folder, Reader(30, 29), Reader(30, 29))
    oldest = folder / f"{Topic.TELEMETRY}-0" / f"{0:020d}.log"
    oldest.rename(oldest.with_suffix(".log.deleted"))
    used = look(folder).usage.used
    await broker.trimmer(cap_kib=(used - 32 * KIB) * 10 // 8 // KIB).make_room()
    assert broker.deleted == []


async def test_it_goes_on_when_the_broker_comes_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimmer, "_LOOK_SECONDS", 0.001)
    broker = FakeBroker(folder, Reader(30, 29), Reader(30, 29))
    broker.failures = 2
    running = asyncio.create_task(broker.trimmer(cap_kib=1).run())
    await eventually(lambda: bool(broker.deleted))
    running.cancel()
    assert broker.deleted == [{0: 20, 1: 15}]


async def test_nothing_goes_while_the_groups_offsets_are_not_known(folder: Path) -> None:
    broker = FakeBroker(folder, Reader(30, 29), Reader(30, 29))
    broker.loading = True
    with pytest.raises(GroupLoadInProgressError):
        await broker.trimmer(cap_kib=64).make_room()
    assert broker.deleted == []
