"""JSON and NDJSON are taken, and nothing else."""

import pytest

from ingest_gateway.content_type import announces_lines
from runtime.problems import ProblemError


@pytest.mark.parametrize(
    ("content_type", "lines"),
    [
        (b"application/json", False),
        (b"Application/JSON; charset=UTF-8", False),
        (b"application/x-ndjson", True),
        (b"application/jsonl", True),
        (b'application/x-ndjson;charset="utf-8"', True),
    ],
)
def test_json_and_ndjson_are_taken(content_type: bytes, lines: bool) -> None:
    assert announces_lines({b"content-type": content_type}) is lines


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"content-type": b"text/plain"},
        {b"content-type": b"application/x-www-form-urlencoded"},
        {b"content-type": b"application/json; charset=utf-16"},
        {b"content-type": b"application/x-protobuf"},
    ],
)
def test_everything_else_is_refused(headers: dict[bytes, bytes]) -> None:
    with pytest.raises(ProblemError) as refused:
        announces_lines(headers)
    assert (refused.value.kind.status, refused.value.kind.tag) == (415, "wrong-content-type")
