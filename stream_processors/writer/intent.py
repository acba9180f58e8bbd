"""What a writer is about to insert, as it stands in the metadata of a partition's committed offset; pure."""

import msgspec

from schemas.errors import InvalidMessageError


class Intent(msgspec.Struct, frozen=True, omit_defaults=True):
    """A chunk: the records of one partition from offset `first` to `last`, both included.

    `bisect` names the tables that refused the chunk's rows as a whole and get them in halves.
    """

    first: int
    last: int
    bisect: tuple[str, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Intent)


def encode_intent(intent: Intent) -> str:
    """The metadata text, far below the 4 KiB that brokers accept."""
    return _encoder.encode(intent).decode()


def decode_intent(metadata: str, committed: int) -> Intent | None:
    """The intent in the metadata of the offset `committed`, or None where none was begun.

    Raises:
        InvalidMessageError: the metadata is not ours, or is not about this offset.
    """
    if not metadata:
        return None
    try:
        intent = _decoder.decode(metadata)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"the committed offset carries foreign metadata: {metadata!r}") from error
    if not committed == intent.first <= intent.last:
        raise InvalidMessageError(f"the intent {metadata} does not begin at the committed offset {committed}")
    return intent


def deduplication_token(topic: str, partition: int, intent: Intent, table: str) -> str:
    """The insert's name: ClickHouse takes one insert of a name into a table, and drops its repeats."""
    return f"{topic}:{partition}:{intent.first}:{intent.last}:{table}"
