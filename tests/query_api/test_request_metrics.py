"""Requests are counted by route, and labels stay few."""

import httpx
import pytest
from fastapi import FastAPI

from query_api.request_metrics import REGISTRY, RequestMetrics


def counted(route: str, status: str, method: str = "GET") -> float:
    labels = {"route": route, "status": status, "method": method}
    return REGISTRY.get_sample_value("promethios_query_request_duration_seconds_count", labels) or 0


@pytest.fixture
def transport() -> httpx.ASGITransport:
    app = FastAPI()
    app.add_middleware(RequestMetrics)

    @app.get("/thing/{name}")
    async def thing(name: str) -> str:
        return name

    @app.get("/broken/{name}")
    async def broken(name: str) -> str:
        raise ZeroDivisionError(name)

    return httpx.ASGITransport(app, raise_app_exceptions=False)


async def test_requests_count_by_the_routes_template(transport: httpx.ASGITransport) -> None:
    before = counted("/thing/{name}", "200")
    async with httpx.AsyncClient(transport=transport, base_url="http://query") as client:
        await client.get("/thing/a")
        await client.get("/thing/b")
    assert counted("/thing/{name}", "200") == before + 2


async def test_unknown_paths_and_methods_share_a_label(transport: httpx.ASGITransport) -> None:
    before = counted("none", "404", "other")
    async with httpx.AsyncClient(transport=transport, base_url="http://query") as client:
        await client.request("BREW", "/coffee")
    assert counted("none", "404", "other") == before + 1


async def test_a_request_that_fails_counts_as_500(transport: httpx.ASGITransport) -> None:
    before = counted("/broken/{name}", "500")
    async with httpx.AsyncClient(transport=transport, base_url="http://query") as client:
        await client.get("/broken/a")
    assert counted("/broken/{name}", "500") == before + 1
