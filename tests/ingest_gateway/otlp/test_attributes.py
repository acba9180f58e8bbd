"""Values and attributes, whatever a sender puts into them, in both encodings."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.limits import Limits
from ingest_gateway.otlp.attributes import MAX_NAME, cut, finite
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.json_codec import JsonCodec
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from runtime.problems import ProblemError
from schemas.errors import InvalidMessageError
from tests.ingest_gateway.otlp.mapping import CODECS, encoded, first_record
from tests.ingest_gateway.otlp.samples import logs, record

SMALL = Limits(max_keys=18, max_text_length=100, max_nesting=12, max_values=70)
SMALL_CODECS: tuple[Codec, ...] = (ProtobufCodec(SMALL), JsonCodec(SMALL))
BOTH = pytest.mark.parametrize("codec", SMALL_CODECS, ids=["protobuf", "json"])

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def read(attributes: dict[str, Any], codec: Codec) -> dict[str, Any]:
    body = encoded(logs(record("body", attributes)), codec)
    return codec.reader().attributes(first_record(codec, body).attributes)


@given(st.dictionaries(st.text(max_size=20), plain, max_size=6))
def test_plain_values_stay_what_they_are(attributes: dict[str, Any]) -> None:
    for codec in CODECS:
        assert read(attributes, codec) == attributes


@BOTH
def test_what_json_cannot_say_becomes_text(codec: Codec) -> None:
    sent = {"bytes": b"ab", "nan": math.nan, "up": math.inf, "down": -math.inf, "list": [math.nan, b"c"]}
    assert read(sent, codec) == {
        "bytes": "YWI=",
        "nan": "NaN",
        "up": "Infinity",
        "down": "-Infinity",
        "list": ["NaN", "Yw=="],
    }


@BOTH
def test_long_texts_and_names_are_cut_and_say_so(codec: Codec) -> None:
    found = read({"k": "x" * 101, "exact": "y" * 100, "list": ["z" * 500], "n" * 300: 1}, codec)
    assert found["exact"] == "y" * 100
    assert found["k"].endswith("... [cut from 101 characters]")
    assert found["list"][0].endswith("... [cut from 500 characters]")
    assert {len(found["k"]), len(found["list"][0])} == {100}
    assert max(map(len, found)) == MAX_NAME


@BOTH
def test_too_many_attributes_are_refused(codec: Codec) -> None:
    assert len(read({str(number): number for number in range(10)}, codec)) == 10
    with pytest.raises(InvalidMessageError, match="holds 11, at most 10 are taken"):
        read({str(number): number for number in range(11)}, codec)


def nested(levels: int) -> dict[str, Any]:
    value: Any = "deep"
    for level in range(levels):
        value = [value] if level % 2 else {"k": value}
    return {"k": value}


@BOTH
def test_nesting_is_limited(codec: Codec) -> None:
    assert read(nested(8), codec) == nested(8)
    with pytest.raises(InvalidMessageError, match="nested more than 8 levels"):
        read(nested(9), codec)


@BOTH
def test_values_of_a_request_are_counted_together(codec: Codec) -> None:
    read({"k": [0] * 59}, codec)
    with pytest.raises(ProblemError) as refused:
        read({"k": [[0] * 35, [0] * 35]}, codec)
    assert refused.value.kind.tag == "too-many-values"


@given(st.text(max_size=200), st.integers(40, 120))
def test_a_cut_text_has_at_most_the_length(text: str, limit: int) -> None:
    found = cut(text, limit)
    assert len(found) <= limit
    assert (found == text) is (len(text) <= limit)


@given(st.floats())
def test_a_number_is_finite_or_text(value: float) -> None:
    found = finite(value)
    assert found == value if math.isfinite(value) else isinstance(found, str)
