"""A record of the telemetry topic as the broker gave it, before anything is believed of it."""

from typing import NamedTuple

from aiokafka import ConsumerRecord


class LogRecord(NamedTuple):
    """Raw bytes with their place in the log; `timestamp_ms` is the broker's append time."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def to_log_record(record: ConsumerRecord) -> LogRecord:
    """An aiokafka record in our terms."""
    return LogRecord(
        record.partition, record.offset, record.timestamp, record.key, record.value, tuple(record.headers)
    )
