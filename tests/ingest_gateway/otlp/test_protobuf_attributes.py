"""Attributes of protobuf requests: known ones are looked up, and what is kept is bounded."""

from typing import Any

import pytest

from ingest_gateway.otlp import protobuf_attributes
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from schemas.errors import InvalidMessageError
from tests.ingest_gateway.otlp.mapping import LIMITS, first_record
from tests.ingest_gateway.otlp.samples import logs, pairs, record

CODEC = ProtobufCodec(LIMITS)


def read(codec: ProtobufCodec, attributes: dict[str, Any]) -> dict[str, Any]:
    body = logs(record("m", attributes)).SerializeToString()
    return codec.reader().attributes(first_record(codec, body).attributes)


def test_what_comes_again_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = ProtobufCodec(LIMITS)
    attributes = {"tool": "search", "attempt": 2, "ratio": 0.5, "ok": False}
    assert read(codec, attributes) == attributes
    monkeypatch.setattr(protobuf_attributes, "_parse", None)
    assert read(codec, attributes) == attributes


def test_what_one_request_does_with_a_value_does_not_show_in_the_next() -> None:
    codec = ProtobufCodec(LIMITS)
    read(codec, {"list": [1]})["list"].append(2)
    assert read(codec, {"list": [1]}) == {"list": [1]}


def test_only_short_ones_are_kept_and_not_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf_attributes, "_MOST_KEPT", 3)
    known = CODEC._known
    known.clear()
    for number in range(100):
        read(CODEC, {"k": number})
        assert len(known) <= 3
    known.clear()
    read(CODEC, {"long": "x" * 200, "list": [1], "short": "x"})
    assert list(known.values()) == [("short", "x")]


def test_what_is_not_an_attribute_is_refused() -> None:
    reader = ProtobufCodec(LIMITS).reader()
    raws: Any = [pairs({"k": 1})[0].SerializeToString(), b"\xff\xff"]
    with pytest.raises(InvalidMessageError, match="attributes: "):
        reader.attributes(raws)
