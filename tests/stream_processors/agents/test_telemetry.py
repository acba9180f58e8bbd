"""Faust's messages in our terms."""

from typing import Any, cast

from faust.types import Message
from hypothesis import given
from hypothesis import strategies as st

from stream_processors.agents.telemetry import to_log_record


def message(timestamp_ms: int, headers: tuple[tuple[str, bytes], ...] | None) -> Message:
    """As Faust's aiokafka driver makes it: the timestamp in seconds."""
    return Message("topic", 3, 14, timestamp_ms / 1000.0, 1, cast("Any", headers), b"key", b"value", None)


def test_nothing_is_lost() -> None:
    headers = (("kind", b"log"), ("kind", b"twice"))
    record = to_log_record(message(1_800_000_000_123, headers))
    assert record == (3, 14, 1_800_000_000_123, b"key", b"value", headers)


def test_a_record_without_headers() -> None:
    assert to_log_record(message(0, None)).headers == ()


@given(st.integers(0, 2**45))
def test_the_timestamp_survives_the_way_over_seconds(timestamp_ms: int) -> None:
    assert to_log_record(message(timestamp_ms, None)).timestamp_ms == timestamp_ms
