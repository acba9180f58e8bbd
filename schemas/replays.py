"""What is noted of dead letters that are sent again: first that it begins, then that it is done."""

import msgspec


class ReplayNote(msgspec.Struct, frozen=True):
    """A record on the replays topic, under the letter's identity as key.

    `run` is one run of the command. The record goes to `partition` of the telemetry topic, which ended at
    offset `end` before: at or behind it the record is found, if it was sent.
    """

    letter: str
    run: str
    done: bool
    partition: int
    end: int


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ReplayNote)


def encode_note(note: ReplayNote) -> bytes:
    """The record's value."""
    return _encoder.encode(note)


def decode_note(value: bytes | None) -> ReplayNote:
    """Read a record's value.

    Raises:
        msgspec.MsgspecError: it is no note.
    """
    return _decoder.decode(value or b"")
