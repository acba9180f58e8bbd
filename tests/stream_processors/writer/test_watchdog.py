"""Lag without progress is a stall; everything else is not."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from stream_processors.writer import watchdog
from stream_processors.writer.metrics import WriterMetrics
from stream_processors.writer.partition import PartitionWriter
from stream_processors.writer.watchdog import Observation, StallDetector, StalledError, is_late, watch

_A, _B = TopicPartition("t", 0), TopicPartition("t", 1)


def test_lag_without_progress_is_a_stall_when_the_limit_is_over() -> None:
    detector = StallDetector(60)
    for now in (0, 30, 60):
        assert detector.stalled(now, {_A: Observation(5, 10), _B: Observation(int(now), 10)}) == []

    assert detector.stalled(61, {_A: Observation(5, 10), _B: Observation(61, 10)}) == [_A]


def test_progress_and_an_empty_log_begin_the_time_anew() -> None:
    detector = StallDetector(60)
    seen = [
        (0, Observation(1, 9)),
        (50, Observation(2, 9)),
        (100, Observation(2, 0)),
        (150, Observation(2, 9)),
    ]
    for now, observation in seen:
        assert detector.stalled(now, {_A: observation}) == []


def test_an_unknown_lag_counts_as_lag() -> None:
    detector = StallDetector(60)
    detector.stalled(0, {_A: Observation(1, None)})

    assert detector.stalled(61, {_A: Observation(1, None)}) == [_A]


def test_a_partition_that_was_halted_stands_still_on_purpose() -> None:
    detector = StallDetector(60)
    for now in (0, 61):
        assert detector.stalled(now, {_A: Observation(1, 9, halted=True)}) == []


def test_a_partition_that_went_away_and_came_back_begins_anew() -> None:
    detector = StallDetector(60)
    detector.stalled(0, {_A: Observation(1, 9)})
    detector.stalled(30, {})

    assert detector.stalled(61, {_A: Observation(1, 9)}) == []


class FakeConsumer:
    """Knows where the log ends, or nothing."""

    def __init__(self, ends: dict[TopicPartition, int] | None) -> None:
        self._ends = ends

    async def end_offsets(self, _: object) -> Mapping[TopicPartition, int]:
        if self._ends is None:
            raise KafkaConnectionError
        return self._ends


@pytest.mark.parametrize("ends", [{_A: 10}, None])
async def test_the_watch_ends_when_a_partition_stalls(
    ends: dict[TopicPartition, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "_EVERY_SECONDS", 0.01)
    writer = SimpleNamespace(steps=3, next_offset=4, halted=False, unstored_since=0)
    metrics = WriterMetrics()

    with pytest.raises(StalledError, match=r"no progress for 0\.05 seconds"):
        await watch(FakeConsumer(ends), lambda: {_A: writer}, metrics, 0.05, 60)  # type: ignore[dict-item]  # some fields of it

    lag = metrics.registry.get_sample_value("promethios_writer_lag_records", {"topic": "t", "partition": "0"})
    assert lag == (None if ends is None else 6)
    unstored = metrics.registry.get_sample_value(
        "promethios_writer_unstored_seconds", {"topic": "t", "partition": "0"}
    )
    assert unstored is not None
    assert unstored > 1_000_000


@pytest.mark.parametrize(
    ("since", "late"), [(None, False), (41_000, False), (39_000, True), (200_000, False)], ids=str
)
def test_a_record_that_waits_for_longer_than_the_alarm_is_late(since: int | None, late: bool) -> None:
    writer = cast("PartitionWriter", SimpleNamespace(unstored_since=since))
    assert is_late({_A: writer}, now=100, alarm=60) is late


def test_nobody_is_late_without_partitions() -> None:
    assert not is_late({}, now=100, alarm=60)
