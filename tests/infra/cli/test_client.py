"""What the client makes of answers, and of a query API that is not there."""

import httpx
import pytest

from infra.cli.client import ConflictError, QueryClient, error_of, offsets_of
from infra.errors import StackError
from schemas.topics import Topic
from tests.ports import unused


def answer(
    status: int, body: bytes | dict[str, object] = b"", headers: dict[str, str] | None = None
) -> httpx.Response:
    if isinstance(body, dict):
        return httpx.Response(status, json=body, headers=headers)
    return httpx.Response(status, content=body, headers=headers)


def test_offsets_are_read_from_the_header() -> None:
    text = f"{Topic.AGENTS.value}=4, {Topic.API_KEYS.value}=17"
    found = offsets_of(answer(201, headers={"X-Promethios-Control-Offsets": text}))
    assert found == {Topic.AGENTS: 4, Topic.API_KEYS: 17}


def test_an_answer_without_the_header_has_no_offsets() -> None:
    assert offsets_of(answer(204)) == {}


def test_a_problem_becomes_its_detail() -> None:
    error = error_of(answer(404, {"title": "There is no such thing", "detail": "There is no agent x."}))
    assert str(error) == "There is no agent x."


def test_fields_become_one_sentence() -> None:
    errors = [{"in": "body", "field": "agent_id", "reason": "must be short"}]
    error = error_of(answer(422, {"title": "Not valid", "detail": "See errors.", "errors": errors}))
    assert str(error) == "agent_id: must be short"


def test_a_conflict_can_be_told_from_the_rest() -> None:
    assert isinstance(error_of(answer(409, {"title": "It exists"})), ConflictError)
    assert not isinstance(error_of(answer(403, {"title": "No"})), ConflictError)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]"])
def test_an_answer_that_is_no_problem_still_becomes_a_sentence(body: bytes) -> None:
    assert "answered 502" in str(error_of(answer(502, body)))


def test_nobody_listening_is_one_sentence() -> None:
    client = QueryClient(f"http://127.0.0.1:{unused()}", "token", None)
    with client, pytest.raises(StackError, match="does not answer"):
        client.agent("scout")
