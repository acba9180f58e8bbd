"""The meta record of a partition's checkpoint: which topic, by its id, the state was made from."""

import uuid

import msgspec

from schemas.errors import InvalidMessageError

META_VERSION = 1


class PartitionMeta(msgspec.Struct, array_like=True, frozen=True):
    """What a checkpoint says beside its fence; the rules keep no state but that of their agents."""

    topic_id: uuid.UUID
    version: int = META_VERSION


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PartitionMeta)


def encode_meta(meta: PartitionMeta) -> bytes:
    """The packed meta record; equal metas give equal bytes."""
    return _encoder.encode(meta)


def decode_meta(packed: bytes) -> PartitionMeta:
    """Read a packed meta record.

    Raises:
        InvalidMessageError: the bytes are no meta record, or of another version.
    """
    try:
        meta = _decoder.decode(packed)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not the meta record of a checkpoint: {error}") from error
    if meta.version != META_VERSION:
        raise InvalidMessageError(
            f"the checkpoint has version {meta.version}, this release reads {META_VERSION}: "
            "run the release that wrote it"
        )
    return meta
