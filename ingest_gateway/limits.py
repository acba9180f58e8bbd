"""What one request, one block and one process may take."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds; the settings say what each default is for."""

    max_body_bytes: int = 4 * _MIB
    max_reading_bytes: int = 64 * _MIB
    max_events: int = 10_000
    body_seconds: float = 30.0
    block_delay_seconds: float = 0.005
    block_bytes: int = 512 * 1024
    unacknowledged_bytes: int = 64 * _MIB
    ack_seconds: float = 1.5
