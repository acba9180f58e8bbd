"""The description of the OTLP routes fits what they take."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from ingest_gateway.openapi import document
from ingest_gateway.otlp.description import otlp_components, otlp_paths
from ingest_gateway.otlp.routes import OTLP_ROUTES, OtlpRoute
from tests.ingest_gateway.harness import running
from tests.ingest_gateway.otlp.samples import as_json
from tests.ingest_gateway.otlp.test_hostile_input import FULL

BY_ROUTE = pytest.mark.parametrize("route", OTLP_ROUTES, ids=lambda route: route.name)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    app = FastAPI()
    document(app)
    return app.openapi()


def json_body(description: dict[str, Any], route: OtlpRoute) -> dict[str, Any]:
    body: dict[str, Any] = description["paths"][route.path]["post"]["requestBody"]["content"][
        "application/json"
    ]
    return body


@BY_ROUTE
def test_bodies_are_described_as_they_are_read(route: OtlpRoute, description: dict[str, Any]) -> None:
    schema = json_body(description, route)["schema"] | {"components": description["components"]}
    validator = Draft202012Validator(schema)
    numbers = json.loads(as_json(FULL[route.signal]), object_hook=_numbers)
    validator.validate(numbers)
    assert not validator.is_valid([])
    assert not validator.is_valid({next(iter(numbers)): 3})


def _numbers(node: dict[str, Any]) -> dict[str, Any]:
    """64-bit integers as numbers, which the schema says; that they may be texts is said in words."""
    numbers = {name: content for name, content in node.items() if name.endswith(("Nano", "Count", "count"))}
    numbers |= {name: node[name] for name in ("intValue", "asInt", "count") if name in node}
    counts = {"bucketCounts": list(map(int, node["bucketCounts"]))} if "bucketCounts" in node else {}
    return node | {name: int(content) for name, content in numbers.items()} | counts


@BY_ROUTE
async def test_the_example_that_is_shown_is_taken(route: OtlpRoute, description: dict[str, Any]) -> None:
    example = json_body(description, route)["examples"]["small"]["value"]
    async with running() as harness:
        response = await harness.post(route.path, json=example)
        assert (response.status_code, response.json()) == (200, {})
        assert harness.sink.records


@BY_ROUTE
def test_every_error_is_a_status_in_either_encoding(route: OtlpRoute, description: dict[str, Any]) -> None:
    responses = description["paths"][route.path]["post"]["responses"]
    assert {"200", "400", "401", "403", "413", "415", "429", "503"} <= set(responses)
    for status, response in responses.items():
        assert set(response["content"]) == {"application/x-protobuf", "application/json"}
        if status != "200":
            assert response["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/OtlpStatus"
            }


def test_names_are_told_from_those_of_reports() -> None:
    assert all(name.startswith("Otlp") for name in otlp_components())
    assert set(otlp_paths({}, [], [])) == {route.path for route in OTLP_ROUTES}
