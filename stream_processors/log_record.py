"""A record of the telemetry topic as the broker gave it, before anything is believed of it."""

from typing import NamedTuple


class LogRecord(NamedTuple):
    """Raw bytes with their place in the log; `timestamp_ms` is the broker's append time."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
