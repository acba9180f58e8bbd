"""The limits fit together."""

from ingest_gateway.limits import Limits
from schemas.block import MAX_SEGMENT_BYTES
from schemas.nesting import MAX_NESTING


def test_the_defaults_fit_what_a_record_can_hold() -> None:
    limits = Limits()
    assert limits.max_event_bytes < MAX_SEGMENT_BYTES
    assert limits.max_decoded_bytes <= MAX_SEGMENT_BYTES
    assert limits.block_bytes < MAX_SEGMENT_BYTES < limits.unacknowledged_bytes
    assert limits.max_nesting <= MAX_NESTING


def test_what_is_being_read_has_room_for_several_bodies() -> None:
    limits = Limits()
    assert limits.max_reading_bytes >= 8 * limits.max_body_bytes
