"""Which assignment a partition belongs to."""

from stream_processors.checkpoint.partitions import Partitions
from tests.stream_processors.checkpoint.doubles import Acknowledgements, log_record, owned_partition


def test_only_partitions_of_this_generation_are_ours() -> None:
    partitions = Partitions()
    zero, one = owned_partition(0, generation=3), owned_partition(1, generation=3)
    partitions.assign([zero, one])
    assert len(partitions) == 2
    assert partitions.get(0, 3) is zero
    assert partitions.get(0, 2) is None
    assert partitions.get(2, 3) is None


def test_an_assignment_ends_when_the_partition_is_assigned_again() -> None:
    partitions = Partitions()
    before, after = owned_partition(0), owned_partition(0)
    partitions.assign([before])
    assert partitions.owns(before)
    partitions.assign([after])
    assert partitions.owns(after)
    assert not partitions.owns(before)
    partitions.drop()
    assert not partitions.owns(after)
    assert list(partitions) == []


def test_what_waits_is_summed() -> None:
    partitions = Partitions()
    zero, one = owned_partition(0), owned_partition(1)
    partitions.assign([zero, one])
    records = [log_record(0), log_record(0, partition=1)]
    zero.take(records[0], Acknowledgements().of(0))
    one.take(records[1], Acknowledgements().of(0))
    assert partitions.waiting_records == 2
    assert partitions.waiting_bytes == sum(len(record.value or b"") for record in records)
