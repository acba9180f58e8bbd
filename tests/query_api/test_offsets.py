"""The header that names the control records' offsets."""

from fastapi import Response

from query_api.offsets import HEADER, announce_offsets, format_offsets
from schemas.topics import Topic


def test_the_header_is_a_dictionary_of_topics() -> None:
    text = format_offsets({Topic.AGENTS: 4, Topic.API_KEYS: 7})
    assert text == f"{Topic.AGENTS.value}=4, {Topic.API_KEYS.value}=7"


def test_an_answer_carries_it() -> None:
    response = Response()
    announce_offsets(response, {Topic.API_KEYS: 0})
    assert response.headers[HEADER] == f"{Topic.API_KEYS.value}=0"


def test_an_answer_that_wrote_nothing_has_none() -> None:
    response = Response()
    announce_offsets(response, {})
    assert HEADER not in response.headers
