"""The encoding by the Content-Type."""

import pytest

from ingest_gateway.otlp.codecs import Codecs
from runtime.problems import ProblemError
from tests.ingest_gateway.otlp.mapping import LIMITS

CODECS = Codecs(LIMITS)
PROTOBUF, JSON = b"application/x-protobuf", b"application/json"


@pytest.mark.parametrize(
    ("content_type", "media_type"),
    [
        (PROTOBUF, PROTOBUF),
        (JSON, JSON),
        (b"Application/JSON; charset=utf-8", JSON),
        (b"application/x-protobuf;messageType=x", PROTOBUF),
    ],
)
def test_the_answer_is_in_the_encoding_of_the_request(content_type: bytes, media_type: bytes) -> None:
    assert CODECS.of(content_type).media_type == media_type
    assert CODECS.for_error([(b"host", b"h"), (b"content-type", content_type)]).media_type == media_type


@pytest.mark.parametrize("content_type", [b"", b"text/plain", b"application/protobuf", b"application/json5"])
def test_any_other_type_is_refused_in_json(content_type: bytes) -> None:
    with pytest.raises(ProblemError) as refused:
        CODECS.of(content_type)
    assert refused.value.kind.tag == "wrong-content-type"
    assert CODECS.for_error([(b"content-type", content_type)]).media_type == JSON


def test_without_a_type_errors_are_in_json() -> None:
    assert CODECS.for_error([]).media_type == JSON
