"""A header that decides something comes once."""

import pytest

from ingest_gateway.single_headers import single_headers
from runtime.problems import ProblemError

DECIDING = [
    b"authorization",
    b"content-encoding",
    b"content-length",
    b"content-type",
    b"idempotency-key",
    b"x-agent-id",
    b"x-governance-id",
]


def test_headers_are_found_by_name() -> None:
    assert single_headers([(b"host", b"h"), (b"accept", b"*/*")]) == {b"host": b"h", b"accept": b"*/*"}


@pytest.mark.parametrize("name", DECIDING)
@pytest.mark.parametrize("second", [b"1", b"2"])
def test_one_that_decides_something_is_refused_twice(name: bytes, second: bytes) -> None:
    assert single_headers([(name, b"1")]) == {name: b"1"}
    with pytest.raises(ProblemError, match=f"repeated-header: send {name.decode()} once"):
        single_headers([(b"host", b"h"), (name, b"1"), (b"accept", b"*/*"), (name, second)])


def test_others_may_be_repeated() -> None:
    headers = single_headers([(b"accept", b"a"), (b"via", b"x"), (b"accept", b"b")])
    assert headers == {b"accept": b"b", b"via": b"x"}


def test_of_two_traces_none_counts() -> None:
    twice = [(b"traceparent", b"00-1"), (b"traceparent", b"00-2"), (b"traceparent", b"00-3")]
    assert single_headers(twice) == {}
    assert single_headers(twice[:1]) == {b"traceparent": b"00-1"}
