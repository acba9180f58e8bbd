"""Every kind of error is answered as problem+json."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from query_api import errors
from query_api.error_handlers import install_error_handlers, invalid_problem
from runtime.problems import MEDIA_TYPE, ErrorKind, ProblemError


class Body(BaseModel, extra="forbid"):
    """What the route takes."""

    name: str


def application() -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)

    @app.post("/take")
    async def take(body: Body) -> str:
        return body.name

    @app.delete("/take")
    async def forget() -> None:
        pass

    @app.get("/problem")
    async def problem() -> None:
        raise ProblemError(errors.KAFKA_AWAY, "again")

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("a secret")

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    # Without the transport's own raising, as behind a real server.
    transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://query") as client:
        yield client


def problem_of(answer: httpx.Response, kind: ErrorKind) -> dict[str, Any]:
    assert answer.status_code == kind.status
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem: dict[str, Any] = answer.json()
    assert problem["tag"] == kind.tag
    assert problem["status"] == kind.status
    return problem


async def test_our_own_problem_keeps_its_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/problem")
    assert problem_of(answer, errors.KAFKA_AWAY)["detail"] == "again"
    assert answer.headers["retry-after"] == "2"


async def test_an_unknown_path(client: httpx.AsyncClient) -> None:
    problem_of(await client.get("/nope"), errors.NOT_FOUND)


async def test_a_wrong_method_is_told_the_right_one(client: httpx.AsyncClient) -> None:
    answer = await client.put("/problem")
    problem_of(answer, errors.METHOD_NOT_ALLOWED)
    assert answer.headers["allow"] == "GET"


async def test_a_body_that_is_no_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/take", content=b"{", headers={"content-type": "application/json"})
    assert "byte 1" in problem_of(answer, errors.BAD_JSON)["detail"]


async def test_a_body_of_another_type(client: httpx.AsyncClient) -> None:
    answer = await client.post("/take", content=b'{"name":"x"}', headers={"content-type": "text/plain"})
    problem_of(answer, errors.WRONG_TYPE)


async def test_bad_fields_are_named_and_not_repeated(client: httpx.AsyncClient) -> None:
    answer = await client.post("/take", json={"name": 5, "token": "hunter2"})
    problem = problem_of(answer, errors.INVALID)
    assert [(error["in"], error["field"]) for error in problem["errors"]] == [
        ("body", "name"),
        ("body", "token"),
    ]
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"x"'])
async def test_a_body_that_is_no_object(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/take", content=body, headers={"content-type": "application/json"})
    problem_of(answer, errors.INVALID)


async def test_deep_nesting_is_no_crash(client: httpx.AsyncClient) -> None:
    answer = await client.post("/take", content=b"[" * 60_000, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == MEDIA_TYPE


async def test_a_body_that_is_no_text(client: httpx.AsyncClient) -> None:
    answer = await client.post("/take", content=b"\xff\xfe", headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == MEDIA_TYPE


async def test_an_unexpected_error_says_nothing_of_itself(client: httpx.AsyncClient) -> None:
    answer = await client.get("/broken")
    problem_of(answer, errors.INTERNAL)
    assert "secret" not in answer.text


def test_a_missing_body_is_named() -> None:
    problem = invalid_problem([{"type": "missing", "loc": ("body",), "msg": "Field required"}])
    assert problem.errors == [{"in": "body", "field": "", "reason": "Field required"}]


async def test_another_method_is_told_all_that_the_path_has(client: httpx.AsyncClient) -> None:
    answer = await client.put("/take")
    problem_of(answer, errors.METHOD_NOT_ALLOWED)
    assert answer.headers["allow"] == "POST, DELETE"
