"""Metrics of plain numbers show what the stock ones would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

from stream_processors.plain_metrics import AgeHistogram, PartitionCounter

BOUNDS = (0.05, 0.5, 2.0)
NOW = 1_700_000_000.0


def shown(registry: CollectorRegistry) -> list[str]:
    """A scrape, but for when counting began."""
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


@given(counts=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1000))))
def test_counts_by_partition_are_shown_as_the_stock_ones_are(counts: list[tuple[int, int]]) -> None:
    ours, stock = CollectorRegistry(), CollectorRegistry()
    counter = PartitionCounter("some_records", "Of some.", ours)
    expected = Counter("some_records", "Of some.", ["partition"], registry=stock)
    # The stock counter shows partitions in the order in which they came.
    for partition, amount in sorted(counts):
        counter.add(partition, amount)
        expected.labels(str(partition)).inc(amount)
    assert shown(ours) == shown(stock)


def test_one_is_added_by_default() -> None:
    registry = CollectorRegistry()
    counter = PartitionCounter("some_records", "Of some.", registry)
    counter.add(3)
    counter.add(3)
    assert registry.get_sample_value("some_records_total", {"partition": "3"}) == 2


@given(ages=st.lists(st.integers(-100, 5000)))
def test_ages_are_shown_as_the_stock_histogram_shows_them(ages: list[int]) -> None:
    ours, stock = CollectorRegistry(), CollectorRegistry()
    histogram = AgeHistogram("some_age_seconds", "Of some.", BOUNDS, ours)
    expected = Histogram("some_age_seconds", "Of some.", buckets=BOUNDS, registry=stock)
    moments = [round(NOW * 1000) - age for age in ages]
    histogram.observe(moments, NOW)
    for moment in moments:
        expected.observe(max(0.0, NOW - moment / 1000))
    sums = [registry.get_sample_value("some_age_seconds_sum") for registry in (ours, stock)]
    assert sums[0] == pytest.approx(sums[1])
    texts = [[line for line in shown(one) if "_sum" not in line] for one in (ours, stock)]
    assert texts[0] == texts[1]


def test_observations_add_up() -> None:
    registry = CollectorRegistry()
    histogram = AgeHistogram("some_age_seconds", "Of some.", BOUNDS, registry)
    for _ in range(2):
        histogram.observe([round(NOW * 1000) - 100] * 3, NOW)
    assert registry.get_sample_value("some_age_seconds_count") == 6
    assert registry.get_sample_value("some_age_seconds_bucket", {"le": "0.05"}) == 0
    assert registry.get_sample_value("some_age_seconds_bucket", {"le": "0.5"}) == 6
