"""problem+json answers."""

import orjson

from runtime.problems import ErrorKind, ProblemError

BUSY = ErrorKind(503, "kafka_unavailable", "The log cannot be reached", "error", retry_after=2)
WHO = ErrorKind(401, "key_unknown", "Unknown key")


def test_the_body_names_what_happened() -> None:
    problem = ProblemError(BUSY, "send it again", [{"index": 3}])
    assert orjson.loads(problem.body()) == {
        "type": "urn:promethios:problem:kafka_unavailable",
        "title": "The log cannot be reached",
        "status": 503,
        "tag": "kafka_unavailable",
        "detail": "send it again",
        "errors": [{"index": 3}],
    }


def test_headers_say_when_to_come_back_and_how_to_authenticate() -> None:
    assert ProblemError(BUSY).headers() == {"content-type": "application/problem+json", "retry-after": "2"}
    assert ProblemError(WHO).headers()["www-authenticate"] == "Bearer"
