"""Error answers by status, with their headers and an example of each."""

from ingest_gateway.errors import KAFKA_UNAVAILABLE, MISSING_KEY, NOT_FOUND, OVERLOADED
from ingest_gateway.openapi_errors import error_responses, problem_content


def test_kinds_of_one_status_are_one_response() -> None:
    responses = error_responses([KAFKA_UNAVAILABLE, OVERLOADED, NOT_FOUND], {})
    assert list(responses) == ["503"]
    assert "`kafka-unavailable`" in responses["503"]["description"]
    assert "`overloaded`" in responses["503"]["description"]


def test_headers_are_described_where_they_come() -> None:
    responses = error_responses([KAFKA_UNAVAILABLE, MISSING_KEY], {})
    assert set(responses["503"]["headers"]) == {"retry-after"}
    assert set(responses["401"]["headers"]) == {"www-authenticate"}


def test_each_kind_has_an_example() -> None:
    (content,) = problem_content([MISSING_KEY]).values()
    example = content["examples"]["missing-key"]["value"]
    assert (example["status"], example["tag"]) == (401, "missing-key")
