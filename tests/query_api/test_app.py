"""The application as a whole, before it has connected to anything."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from pydantic import SecretStr
from starlette.routing import BaseRoute

from query_api.app import QueryApp, create_app
from query_api.dependencies import AgentToRead, Governor, Reader, Requires, RequiresLink, RequiresLogs
from query_api.rights import Right
from query_api.settings import QuerySettings
from runtime.problems import MEDIA_TYPE

SETTINGS = QuerySettings(
    kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1"),
    clickhouse_url=SecretStr("http://promethios:x@127.0.0.1:1/promethios"),
)


@pytest.fixture
def app() -> QueryApp:
    return create_app(SETTINGS)


@pytest.fixture
async def client(app: QueryApp) -> AsyncIterator[httpx.AsyncClient]:
    """The application before it has connected: its lifespan does not run here."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://query") as client:
        yield client


async def test_before_it_has_read_the_records_it_is_alive_and_not_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200
    ready = await client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"control": False, "clickhouse": False}


async def test_the_page_of_routes_needs_no_other_host(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert "https://" not in page.text


async def test_before_it_has_read_the_records_no_token_can_be_judged(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/agents", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["tag"]) == (503, "starting")
    assert answer.headers["retry-after"]


# Nobody is asked who they are: whether the process lives tells nothing of anybody.
# A link is shown in place of a token.
SIGNED_PATHS = {"/api/v1/log-downloads/{download_id}/content"}
OPEN_PATHS = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs-files"}


def rights_of(dependant: Dependant) -> set[Right]:
    """The rights that a route's dependencies, at any depth, declare."""
    own = (
        {dependant.call.right}
        if isinstance(dependant.call, Requires | RequiresLogs | RequiresLink)
        else set()
    )
    return own.union(*(rights_of(inner) for inner in dependant.dependencies))


def undeclared(routes: Sequence[BaseRoute]) -> list[str]:
    """The paths that are neither open nor ask for exactly one right."""
    wrong: list[str] = []
    for route in routes:
        # How FastAPI keeps what `include_router` was given.
        included = getattr(route, "original_router", None)
        if included is not None:
            wrong += undeclared(included.routes)
            continue
        path = getattr(route, "path", repr(route))
        dependant = getattr(route, "dependant", None)
        if path not in OPEN_PATHS and (dependant is None or len(rights_of(dependant)) != 1):
            wrong.append(path)
    return wrong


def test_every_route_declares_the_one_right_that_it_needs(app: QueryApp) -> None:
    assert undeclared(app.routes) == []


def test_a_route_that_declares_none_or_two_is_found() -> None:
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/forgotten")
    async def forgotten() -> None: ...

    @app.websocket("/forgotten-socket")
    async def forgotten_socket() -> None: ...

    @app.get("/torn")
    async def torn(_reader: Reader, _governor: Governor) -> None: ...

    @app.get("/declared")
    async def declared(_reader: Reader, _agent: AgentToRead) -> None: ...

    router = APIRouter()

    @router.get("/included")
    async def included() -> None: ...

    app.include_router(router)
    app.mount("/mounted", FastAPI())
    assert undeclared(app.routes) == ["/forgotten", "/forgotten-socket", "/torn", "/included", "/mounted"]


def operations(app: QueryApp) -> list[tuple[str, str, dict[str, Any]]]:
    paths = app.openapi()["paths"]
    return [(path, method, operation) for path in paths for method, operation in paths[path].items()]


def test_every_route_of_the_api_is_documented(app: QueryApp) -> None:
    agent = "/api/v1/agents/{agent_id}"
    webhook = "/api/v1/webhooks/{webhook_id}"
    operator = "/api/v1/operators/{operator_id}"
    download = "/api/v1/log-downloads/{download_id}"
    rule = "/api/v1/alert-rules/{rule_id}"
    silence = "/api/v1/alert-silences/{silence_id}"
    assert {(path, method) for path, method, _ in operations(app)} == {
        ("/api/v1/agents", "get"),
        ("/api/v1/agents", "post"),
        (agent, "get"),
        (agent, "patch"),
        ("/api/v1/privacy", "get"),
        ("/api/v1/privacy", "put"),
        ("/api/v1/privacy/test", "post"),
        ("/api/v1/trust-model", "get"),
        ("/api/v1/trust-model", "put"),
        ("/api/v1/policies", "get"),
        ("/api/v1/policies", "post"),
        ("/api/v1/policy-test", "post"),
        ("/api/v1/policy-decisions", "get"),
        ("/api/v1/policies/{policy_id}", "get"),
        ("/api/v1/policies/{policy_id}", "put"),
        ("/api/v1/policies/{policy_id}", "delete"),
        (f"{agent}/privacy", "get"),
        (f"{agent}/privacy", "put"),
        (f"{agent}/keys", "get"),
        (f"{agent}/keys", "post"),
        (f"{agent}/keys/{{key_id}}", "delete"),
        (f"{agent}/keys/{{key_id}}", "patch"),
        (f"{agent}/keys/{{key_id}}/rotate", "post"),
        (f"{agent}/status", "get"),
        (f"{agent}/suspend", "post"),
        (f"{agent}/resume", "post"),
        (f"{agent}/trust", "get"),
        (f"{agent}/logs", "get"),
        (f"{agent}/metrics", "get"),
        (f"{agent}/metrics/series", "get"),
        ("/api/v1/costs", "get"),
        ("/api/v1/spend", "get"),
        ("/api/v1/slo", "get"),
        ("/api/v1/fleet", "get"),
        ("/api/v1/events", "get"),
        ("/api/v1/runs", "get"),
        (f"{agent}/runs/{{run_id}}", "get"),
        (f"{agent}/transparency", "get"),
        ("/api/v1/erasures", "get"),
        (f"{agent}/export", "get"),
        ("/api/v1/erasures", "post"),
        ("/api/v1/erasures/{erasure_id}", "get"),
        ("/api/v1/whoami", "get"),
        ("/api/v1/operators", "get"),
        ("/api/v1/operators", "post"),
        (operator, "get"),
        (operator, "patch"),
        (operator, "delete"),
        (f"{operator}/tokens", "get"),
        (f"{operator}/tokens", "post"),
        (f"{operator}/tokens/{{token_id}}", "delete"),
        (f"{operator}/tokens/{{token_id}}/rotate", "post"),
        ("/api/v1/alerts", "get"),
        ("/api/v1/violations", "get"),
        ("/api/v1/logs", "get"),
        ("/api/v1/logs/stream", "get"),
        ("/api/v1/log-downloads", "post"),
        (download, "get"),
        (f"{download}/content", "get"),
        (f"{agent}/logs/stream", "get"),
        ("/api/v1/accesses", "get"),
        ("/api/v1/webhooks", "get"),
        ("/api/v1/webhooks", "post"),
        (webhook, "get"),
        (webhook, "patch"),
        (webhook, "delete"),
        (f"{webhook}/rotate", "post"),
        (f"{webhook}/test", "post"),
        (f"{webhook}/deliveries", "get"),
        ("/api/v1/sql", "post"),
        ("/api/v1/retention", "get"),
        ("/api/v1/retention", "put"),
        ("/api/v1/budgets", "get"),
        ("/api/v1/budgets", "post"),
        ("/api/v1/budgets/{budget_id}", "get"),
        ("/api/v1/budgets/{budget_id}", "put"),
        ("/api/v1/budgets/{budget_id}", "delete"),
        ("/api/v1/prices", "get"),
        ("/api/v1/prices", "put"),
        ("/api/v1/prices", "delete"),
        ("/api/v1/alert-rules", "get"),
        ("/api/v1/alert-rules", "post"),
        (rule, "get"),
        (rule, "put"),
        (rule, "delete"),
        ("/api/v1/alert-rule-test", "post"),
        ("/api/v1/alert-silences", "get"),
        ("/api/v1/alert-silences", "post"),
        (silence, "get"),
        (silence, "put"),
        (silence, "delete"),
    }


def test_every_operation_says_what_it_does_who_may_ask_and_how_it_fails(app: QueryApp) -> None:
    for path, method, operation in operations(app):
        assert operation["description"], path
        asked_for: list[dict[str, list[str]]] = [] if path in SIGNED_PATHS else [{"HTTPBearer": []}]
        assert operation.get("security", []) == asked_for, path
        failures = {status: answer for status, answer in operation["responses"].items() if status > "399"}
        assert {"401", "403", "422", "500", "503"} <= set(failures), (path, method)
        for answer in failures.values():
            assert set(answer["content"]) == {MEDIA_TYPE}, (path, method)


def test_all_references_of_the_document_lead_somewhere(app: QueryApp) -> None:
    schemas = app.openapi()["components"]["schemas"]

    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    assert references(app.openapi()) <= {f"#/components/schemas/{name}" for name in schemas}


BINARY = {
    "application/vnd.apache.arrow.stream",
    "application/vnd.apache.parquet",
    "application/zip",
}


def test_every_answer_has_an_example_that_fits_its_schema(app: QueryApp) -> None:
    components = app.openapi()["components"]
    for path, method, operation in operations(app):
        for status, answer in operation["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                if media_type in BINARY:
                    continue
                assert content.keys() & {"example", "examples"}, (path, method, status, media_type)
                if "example" in content and media_type == "application/json" and "schema" in content:
                    schema = {**content["schema"], "components": components}
                    jsonschema.validate(content["example"], schema)
