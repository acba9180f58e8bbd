"""The description fits the messages and the error table."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

import schemas
from ingest_gateway.openapi import document
from ingest_gateway.openapi_errors import error_kinds
from ingest_gateway.otlp.routes import OTLP_ROUTES
from schemas.messages.registry import REPORT_ROUTES, ReportRoute

EXAMPLES = Path(schemas.__file__).parent / "examples"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    app = FastAPI()
    document(app)
    return app.openapi()


@pytest.mark.parametrize("route", REPORT_ROUTES, ids=lambda route: route.name)
def test_bodies_are_described_as_the_examples_are(route: ReportRoute, description: dict[str, Any]) -> None:
    content = description["paths"][route.path]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"] | {"components": description["components"]}
    validator = Draft202012Validator(schema)
    valid = [json.loads(p.read_bytes()) for p in (EXAMPLES / route.name / "v1" / "valid").iterdir()]
    for body in (*valid, valid):
        validator.validate(body)
    assert not validator.is_valid([])
    assert not validator.is_valid({"agentId": 3})


@pytest.mark.parametrize("route", REPORT_ROUTES, ids=lambda route: route.name)
def test_every_example_that_is_shown_is_valid(route: ReportRoute, description: dict[str, Any]) -> None:
    json_body = description["paths"][route.path]["post"]["requestBody"]["content"]["application/json"]
    validator = Draft202012Validator(json_body["schema"] | {"components": description["components"]})
    assert json_body["examples"]
    for example in json_body["examples"].values():
        validator.validate(example["value"])


def test_every_error_is_described_by_some_route(description: dict[str, Any]) -> None:
    described: dict[str, str] = {}
    for path in (REPORT_ROUTES[0].path, OTLP_ROUTES[0].path):
        for status, response in description["paths"][path]["post"]["responses"].items():
            described[status] = described.get(status, "") + response["description"]
    for kind in error_kinds():
        if kind.status not in {404, 405}:
            assert f"`{kind.tag}`" in described[str(kind.status)]


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    references = {
        part.split('"')[0] for part in json.dumps(description).split('"$ref": "#/components/schemas/')[1:]
    }
    assert references <= set(description["components"]["schemas"])


def test_asking_twice_gives_the_same() -> None:
    app = FastAPI()
    document(app)
    assert app.openapi() == app.openapi()
