"""Control records as a partition's owner repeats them in the telemetry topic.

What is computed from a partition depends on control records too. Only within the partition's own log do they
have an order with what agents report, and so a replay comes to the same result.
"""

from collections.abc import Sequence

import msgspec

from schemas.block import BATCH_ID_BYTES, Block, Kind, Segment, encode_headers
from schemas.errors import InvalidMessageError
from schemas.topics import Topic


class ControlRow(msgspec.Struct, frozen=True):
    """A control record as it stands: `data` is of the type that `schemas.control` names for the topic."""

    topic: Topic
    key: str
    version: int
    data: msgspec.Raw


_encoder = msgspec.json.Encoder()
_decode_rows = msgspec.json.Decoder(ControlRow).decode_lines


def encode_control_block(
    rows: Sequence[ControlRow], received_at: int
) -> tuple[list[tuple[str, bytes]], bytes]:
    """Headers and value of a control block; it is nobody's request, so its one segment names no agent."""
    value = _encoder.encode_lines(rows)
    segment = Segment("", "", bytes(BATCH_ID_BYTES), False, len(rows), len(value), received_at)
    return encode_headers(Kind.CONTROL, [segment]), value


def decode_control_rows(block: Block) -> list[ControlRow]:
    """Read the rows of a control block.

    Raises:
        InvalidMessageError: a row is no control record, or of a topic that this release does not know.
    """
    try:
        return _decode_rows(block.value)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidMessageError(f"a control row: {error}") from error
