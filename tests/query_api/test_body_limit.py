"""Bodies over the limit are refused, announced or not."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from query_api.body_limit import MAX_BODY_BYTES, BodyLimit
from query_api.error_handlers import install_error_handlers


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_error_handlers(app)
    app.add_middleware(BodyLimit)

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://query") as client:
        yield client


async def pieces(size: int) -> AsyncIterator[bytes]:
    """A body without Content-Length."""
    for start in range(0, size, 1000):
        yield bytes(min(1000, size - start))


async def test_a_body_at_the_limit_passes(client: httpx.AsyncClient) -> None:
    assert (await client.post("/length", content=bytes(MAX_BODY_BYTES))).json() == MAX_BODY_BYTES
    assert (await client.post("/length", content=pieces(MAX_BODY_BYTES))).json() == MAX_BODY_BYTES


async def test_a_larger_body_is_refused_by_what_it_announces(client: httpx.AsyncClient) -> None:
    answer = await client.post("/length", content=bytes(MAX_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["tag"]) == (413, "too-large")


async def test_a_larger_body_that_announces_nothing_is_refused_as_it_comes(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/length", content=pieces(MAX_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["tag"]) == (413, "too-large")


async def test_what_is_not_http_passes() -> None:
    seen: list[str] = []

    async def app(scope: object, _receive: object, _send: object) -> None:
        assert isinstance(scope, dict)
        seen.append(scope["type"])

    async def never() -> dict[str, object]:
        raise AssertionError

    async def nowhere(_message: object) -> None:
        raise AssertionError

    await BodyLimit(app)({"type": "lifespan"}, never, nowhere)
    assert seen == ["lifespan"]
