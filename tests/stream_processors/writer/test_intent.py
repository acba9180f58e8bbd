"""An intent survives the broker, and foreign metadata is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from stream_processors.writer.intent import Intent, decode_intent, deduplication_token, encode_intent

_BROKERS_LIMIT = 4096
_offsets = st.integers(0, 2**63 - 1)
_tables = st.lists(st.sampled_from(["agent_logs", "heartbeats", "agent_metrics"]), unique=True)


@given(st.tuples(_offsets, _offsets).map(sorted), _tables)
def test_an_intent_survives(offsets: list[int], tables: list[str]) -> None:
    intent = Intent(offsets[0], offsets[1], tuple(tables))
    metadata = encode_intent(intent)

    assert decode_intent(metadata, offsets[0]) == intent
    assert len(metadata) < _BROKERS_LIMIT


def test_no_metadata_is_no_intent() -> None:
    assert decode_intent("", 7) is None


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("somebody was here", "foreign metadata"),
        ('{"first":7}', "foreign metadata"),
        ('{"first":8,"last":9}', "does not begin at the committed offset 7"),
        ('{"first":7,"last":6}', "does not begin"),
    ],
)
def test_metadata_that_is_no_intent_for_this_offset_is_refused(metadata: str, reason: str) -> None:
    with pytest.raises(InvalidMessageError, match=reason):
        decode_intent(metadata, 7)


def test_a_token_names_topic_partition_range_and_table() -> None:
    assert deduplication_token("t", 3, Intent(5, 9, ("x",)), "heartbeats") == "t:3:5:9:heartbeats"
