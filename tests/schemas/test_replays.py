"""Notes of replays come back as they were written."""

import msgspec
import pytest

from schemas.replays import ReplayNote, decode_note, encode_note


def test_a_note_comes_back() -> None:
    note = ReplayNote("telemetry.v1:2:1047", "run", False, 2, 40)
    assert decode_note(encode_note(note)) == note


@pytest.mark.parametrize("value", [None, b"", b"{}"])
def test_what_is_no_note_is_refused(value: bytes | None) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_note(value)
