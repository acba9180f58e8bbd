"""Nonsense for a cursor, a time or a limit is 422 on every route that takes one, by the OpenAPI document."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.query_api.api_process import QueryApiProcess

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

AGENT = "asked-nonsense-of"

LIMITS = ("0", "-1", "1.5", "many", "", "1e3", "99999999999999999999", "0x10", " ")
TIMES = (
    "yesterday",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "99999999999999999999",
    "-1e400",
    "NaN",
    "",
)
CURSORS = (
    "nonsense!",
    "%00",
    "é",
    base64.urlsafe_b64encode(b"[]").decode(),
    base64.urlsafe_b64encode(b'["row",-1,"x",0]').decode(),
    base64.urlsafe_b64encode(b'["unknown",1,"x"]').decode(),
    "A" * 4000,
)


@pytest.fixture(scope="module")
def client(query_api: QueryApiProcess) -> Iterator[httpx.Client]:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": AGENT})
        yield client


def routes(client: httpx.Client) -> list[tuple[str, dict[str, Any]]]:
    """Each GET route with its path filled in, and its query parameters by name with their schemas."""
    hook = client.post("/api/v1/webhooks", json={"url": "https://example.com/hook"}).json()["webhook_id"]
    document = client.get("/openapi.json").json()
    found = []
    for path, operations in document["paths"].items():
        parameters = {
            parameter["name"]: parameter["schema"]
            for parameter in operations.get("get", {}).get("parameters", ())
            if parameter["in"] == "query"
        }
        if parameters:
            found.append((path.replace("{agent_id}", AGENT).replace("{webhook_id}", hook), parameters))
    return found


def kinds_of(schema: dict[str, Any]) -> set[str]:
    """The types and formats that a parameter may have."""
    return {str(one.get("format", one.get("type"))) for one in schema.get("anyOf", [schema])}


def nonsense(parameters: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Questions of which each has one thing that means nothing."""
    for name, schema in parameters.items():
        if "integer" in kinds_of(schema):
            values: tuple[str, ...] = LIMITS
        elif "date-time" in kinds_of(schema):
            values = TIMES
        elif name == "cursor":
            values = CURSORS
        else:
            continue
        yield from ({name: value} for value in values)
    if {"from", "to"} <= set(parameters):
        yield {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}


def test_nonsense_is_refused_everywhere(client: httpx.Client) -> None:
    asked: set[tuple[str, str]] = set()
    accepted = []
    for path, parameters in routes(client):
        for question in nonsense(parameters):
            answer = client.get(path, params=question)
            asked.update((path, name) for name in question)
            problem = answer.headers.get("content-type", "")
            if answer.status_code != 422 or not problem.startswith("application/problem+json"):
                accepted.append((path, question, answer.status_code, answer.text[:100]))
    assert not accepted, "\n".join(map(str, accepted))
    named = {name for _, name in asked}
    assert {"limit", "cursor", "from", "to"} <= named
    assert len({path for path, _ in asked}) >= 14


def bodies(client: httpx.Client) -> list[tuple[str, dict[str, Any]]]:
    """Each POST route whose body takes a time range, with the fields of the body."""
    document = client.get("/openapi.json").json()
    found = []
    for path, operations in document["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        fields = document["components"]["schemas"].get(name, {}).get("properties", {})
        if {"from", "to"} <= set(fields):
            found.append((path, fields))
    return found


def test_nonsense_in_a_body_is_refused_too(client: httpx.Client) -> None:
    asked = bodies(client)
    accepted = [
        (path, question, answer.status_code)
        for path, fields in asked
        for question in nonsense(fields)
        if (answer := client.post(path, json=question)).status_code != 422
    ]
    assert not accepted
    assert "/api/v1/log-downloads" in {path for path, _ in asked}
