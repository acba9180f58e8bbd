"""The meta record: there and back, and refused when foreign."""

import uuid

import msgspec
import pytest

from schemas.errors import InvalidMessageError
from stream_processors.checkpoint.meta import META_VERSION, PartitionMeta, decode_meta, encode_meta


def test_there_and_back() -> None:
    meta = PartitionMeta(uuid.uuid4())
    assert decode_meta(encode_meta(meta)) == meta


@pytest.mark.parametrize("packed", [b"", b"\x90", b"nonsense", msgspec.msgpack.encode([1])])
def test_anything_else_is_refused(packed: bytes) -> None:
    with pytest.raises(InvalidMessageError, match="not the meta record"):
        decode_meta(packed)


def test_another_version_is_refused_with_what_to_do() -> None:
    packed = encode_meta(PartitionMeta(uuid.uuid4(), META_VERSION + 1))
    with pytest.raises(InvalidMessageError, match="run the release that wrote it"):
        decode_meta(packed)
