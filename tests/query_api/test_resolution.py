"""How fine a time series is: bounded points, whole buckets, and no nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api import errors
from query_api.resolution import BUCKET_MS, AskedResolution, choose
from runtime.problems import ProblemError

MINUTE = 60 * 1000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOW = 1_800_000_000_000
AUTO = AskedResolution.AUTO


@pytest.mark.parametrize(
    ("length", "resolution"),
    [
        (10 * MINUTE, AskedResolution.RAW),
        (11 * MINUTE, AskedResolution.MINUTE),
        (12 * HOUR, AskedResolution.MINUTE),
        (13 * HOUR, AskedResolution.HOUR),
        (31 * DAY, AskedResolution.HOUR),
        (32 * DAY, AskedResolution.DAY),
    ],
)
def test_the_longer_the_coarser(length: int, resolution: AskedResolution) -> None:
    assert choose(NOW - length, NOW, AUTO, NOW).resolution is resolution


def test_what_is_not_kept_in_minutes_is_asked_for_in_hours() -> None:
    assert choose(NOW - 40 * DAY, NOW - 40 * DAY + HOUR, AUTO, NOW).resolution is AskedResolution.HOUR


def test_nothing_said_is_the_last_day() -> None:
    span = choose(None, None, AUTO, NOW)
    assert span.start <= NOW - DAY < span.start + HOUR
    assert span.end - HOUR < NOW <= span.end
    assert choose(None, 5, AskedResolution.DAY, NOW).start == 0


@given(st.integers(0, NOW), st.integers(1, 5 * 366 * DAY))
def test_buckets_are_whole_and_not_too_many(start: int, length: int) -> None:
    span = choose(start, start + length, AUTO, NOW)
    bucket = span.bucket_ms
    assert span.start <= start
    assert span.end >= start + length
    if bucket is not None:
        assert span.start % bucket == span.end % bucket == 0
        assert (span.end - span.start) // bucket <= 2_001


@pytest.mark.parametrize(
    ("start", "end", "asked", "field"),
    [
        (5, 5, AUTO, "from"),
        (NOW + 1, None, AUTO, "from"),
        (0, NOW, AUTO, "from"),
        (NOW - 2 * HOUR, NOW, AskedResolution.RAW, "resolution"),
        (NOW - 40 * DAY, NOW, AskedResolution.MINUTE, "resolution"),
    ],
)
def test_nonsense_is_named(start: int, end: int | None, asked: AskedResolution, field: str) -> None:
    with pytest.raises(ProblemError) as refused:
        choose(start, end, asked, NOW)
    assert refused.value.kind is errors.INVALID
    assert refused.value.errors[0]["field"] == field


def test_each_resolution_but_raw_and_auto_has_its_buckets() -> None:
    assert set(BUCKET_MS) == set(AskedResolution) - {AUTO, AskedResolution.RAW}
