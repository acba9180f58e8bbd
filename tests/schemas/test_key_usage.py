"""The record of a key's use holds a time and nothing about whoever used it."""

import msgspec

from schemas.key_usage import KeyUse


def test_a_use_reads_back() -> None:
    text = msgspec.json.encode(KeyUse(7))
    assert text == b'{"last_used_at":7}'
    assert msgspec.json.decode(text, type=KeyUse) == KeyUse(7)
