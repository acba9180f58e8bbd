"""Control records in the telemetry topic: read back as they were, and refused when they are none."""

import msgspec
import pytest

from schemas.block import Block, Kind, decode_block
from schemas.control_block import ControlRow, decode_control_rows, encode_control_block
from schemas.errors import InvalidMessageError
from schemas.topics import Topic

ROWS = [
    ControlRow(Topic.TRUST_MODELS, "acme", 3, msgspec.Raw(b'{"a":1}')),
    ControlRow(Topic.TRUST_MODELS, "other", 1, msgspec.Raw(b"{}")),
]


def test_rows_survive_their_way_through_a_block() -> None:
    headers, value = encode_control_block(ROWS, 1_800_000_000_000)
    block = decode_block(headers, value)
    assert block.kind is Kind.CONTROL
    assert block.segments[0].received_at == 1_800_000_000_000
    found = decode_control_rows(block)
    assert [(row.topic, row.key, row.version, bytes(row.data)) for row in found] == [
        (row.topic, row.key, row.version, bytes(row.data)) for row in ROWS
    ]


@pytest.mark.parametrize(
    "value",
    [b"nonsense\n", b"{}\n", b'{"topic":"unknown","key":"a","version":1,"data":{}}\n', b"\xff\n"],
)
def test_what_is_no_control_record_is_refused(value: bytes) -> None:
    with pytest.raises(InvalidMessageError, match="a control row"):
        decode_control_rows(Block(Kind.CONTROL, (), value))
