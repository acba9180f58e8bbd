"""The page of routes loads nothing from elsewhere."""

import re
from urllib.parse import urljoin

import httpx
import pytest
from fastapi import FastAPI

from runtime.openapi_pages import add_docs

BASE = "http://host"


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI(title="Shown", docs_url=None, redoc_url=None)
    add_docs(app)
    return app


@pytest.mark.parametrize("prefix", ["", "/behind/a/proxy"])
async def test_all_that_the_page_needs_is_there(app: FastAPI, prefix: str) -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        page = await client.get("/docs")
        assert page.status_code == 200
        assert "Shown" in page.text
        links = re.findall(r"""(?:href=|src=|url: )["']([^"']+)["']""", page.text)
        assert len(links) == 4
        for link in links:
            full = urljoin(f"{BASE}{prefix}/docs", link)
            assert full.startswith(f"{BASE}{prefix}/")
            found = await client.get(full.removeprefix(f"{BASE}{prefix}"))
            assert found.status_code == 200, link
            assert found.content


async def test_only_the_files_of_the_page_can_be_had(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE) as client:
        for path in ("/docs-files/", "/docs-files/../core.py", "/docs-files/%2e%2e/core.py", "/docs-files/x"):
            assert (await client.get(path)).status_code == 404, path
