"""What one request, one key, one block and one process may take."""

from dataclasses import dataclass

_KIB = 1024
_MIB = 1024 * _KIB
_GIB = 1024 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds; the settings, which have the same names, say what each is for."""

    max_body_bytes: int = 4 * _MIB
    max_decoded_bytes: int = 8 * _MIB
    max_ratio: int = 100
    max_reading_bytes: int = 64 * _MIB
    max_events: int = 10_000
    max_event_bytes: int = 256 * _KIB
    max_values: int = 500_000
    max_keys: int = 1024
    max_text_length: int = 65_536
    max_nesting: int = 64
    requests_per_second: int = 100_000
    events_per_second: int = 2_000_000
    bytes_per_second: int = _GIB
    remembered_keys: int = 50_000
    block_delay_seconds: float = 0.005
    block_bytes: int = 512 * _KIB
    unacknowledged_bytes: int = 64 * _MIB
    ack_seconds: float = 1.5
