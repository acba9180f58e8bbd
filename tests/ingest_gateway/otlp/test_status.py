"""Errors of the gateway's one table as `google.rpc.Status`."""

import pytest

from ingest_gateway import errors
from ingest_gateway.otlp.status import message_of, rpc_code
from runtime.problems import ErrorKind, ProblemError

KINDS = [value for value in vars(errors).values() if isinstance(value, ErrorKind)]


@pytest.mark.parametrize(
    ("http", "code"),
    [
        (400, 3),
        (401, 16),
        (403, 7),
        (404, 5),
        (405, 12),
        (413, 3),
        (415, 3),
        (422, 3),
        (429, 8),
        (500, 13),
        (503, 14),
    ],
)
def test_the_code_says_what_the_http_status_says(http: int, code: int) -> None:
    assert rpc_code(http) == code


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.tag)
def test_every_error_says_its_title_and_tag(kind: ErrorKind) -> None:
    text = message_of(ProblemError(kind, "do this"))
    assert text == f"{kind.title}: do this [{kind.tag}]"
    assert message_of(ProblemError(kind)) == f"{kind.title} [{kind.tag}]"
