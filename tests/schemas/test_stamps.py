"""Stamps: spliced rows are valid JSON with the request's identity."""

import uuid

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.stamps import Stamps, encode_rows, event_id, row_prefix


@given(
    st.lists(st.text(), max_size=4), st.binary(min_size=16, max_size=16), st.integers(0, 4_102_444_800_000)
)
def test_rows_carry_their_stamps(messages: list[str], batch_id: bytes, received_at: int) -> None:
    prefix = row_prefix("default", "agent-7", received_at, batch_id)
    encoded = encode_rows(prefix, [LogRow(LogLevel.INFO, message) for message in messages])
    lines = encoded.split(b"\n")
    assert lines.pop() == b""
    assert len(lines) == len(messages)
    for seq, (line, message) in enumerate(zip(lines, messages, strict=True)):
        row = msgspec.json.decode(line)
        assert row["message"] == message
        stamps = msgspec.convert({f: row[f] for f in Stamps.__struct_fields__}, Stamps)
        assert (stamps.batch_id, stamps.seq) == (str(uuid.UUID(bytes=batch_id)), seq)


def test_rows_beyond_the_numbers_kept_ready_are_numbered_too() -> None:
    encoded = encode_rows(
        row_prefix("default", "agent-7", 0, bytes(16)), [LogRow(LogLevel.INFO, "")] * 10_002
    )
    assert [msgspec.json.decode(line)["seq"] for line in encoded.splitlines()] == list(range(10_002))


def test_an_event_id_names_batch_and_row() -> None:
    assert event_id(bytes(range(16)), 3) == "00010203-0405-0607-0809-0a0b0c0d0e0f:3"
