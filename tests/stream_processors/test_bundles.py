"""Bundles lose no record, keep the order, and stand at their last one."""

from collections.abc import Sequence

import pytest
from aiokafka import ConsumerRecord
from faust.types import TP

from schemas.topics import Topic
from stream_processors.bundles import BundlingScheduler, records_to_poll


def record(offset: int, partition: int = 0, size: int = 0) -> ConsumerRecord:
    return ConsumerRecord(
        topic=Topic.TELEMETRY,
        partition=partition,
        offset=offset,
        timestamp=1000 + offset,
        timestamp_type=1,
        key=b"k",
        value=b"%d" % offset + bytes(size),
        checksum=None,
        serialized_key_size=1,
        serialized_value_size=1,
        headers=(("h", b"1"),),
    )


def bundles(*fetched: Sequence[ConsumerRecord]) -> list[tuple[TP, ConsumerRecord]]:
    records = {TP(Topic.TELEMETRY, some[0].partition): some for some in fetched}
    return list(BundlingScheduler().iterate(records))


def test_what_was_fetched_of_a_partition_is_one_message_at_its_last_offset() -> None:
    fetched = [record(offset) for offset in (7, 8, 9)]
    [(tp, bundle)] = bundles(fetched)
    assert tp == TP(Topic.TELEMETRY, 0)
    assert (bundle.partition, bundle.offset, bundle.timestamp) == (0, 9, 1009)
    assert list(bundle.value) == fetched


def test_partitions_have_bundles_of_their_own() -> None:
    made = bundles([record(5), record(6)], [record(3, partition=2)])
    assert [(tp.partition, bundle.offset) for tp, bundle in made] == [(0, 6), (2, 3)]


@pytest.mark.parametrize(
    ("sizes", "wanted"), [([10], 400), ([], 400), ([10, 5000], 100), ([0, 0, 4000], 400)]
)
def test_of_small_records_more_are_taken_at_a_time(sizes: list[int], wanted: int) -> None:
    fetched = {TP(Topic.TELEMETRY, 0): [record(5 + place, size=size) for place, size in enumerate(sizes)]}
    assert records_to_poll(fetched) == wanted


def test_whoever_fetches_is_told_how_many_to_take() -> None:
    scheduler, told = BundlingScheduler(), list[int]()
    scheduler.poll = told.append
    assert len(list(scheduler.iterate({TP(Topic.TELEMETRY, 0): [record(5, size=5000)]}))) == 1
    list(scheduler.iterate({TP(Topic.TELEMETRY, 1): [record(5, 1)]}))
    assert told == [100, 400]
