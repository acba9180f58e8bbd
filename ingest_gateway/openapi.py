"""The OpenAPI description of what agents send to, generated from the messages of reports and of OTLP."""

import json
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI

import schemas
from ingest_gateway import errors
from ingest_gateway.content_encoding import ACCEPTED
from ingest_gateway.idempotency import KEY_PATTERN
from ingest_gateway.openapi_errors import PROBLEM, error_kinds, error_responses, problem_content
from ingest_gateway.otlp.description import otlp_components, otlp_errors, otlp_paths
from ingest_gateway.report import Receipt
from schemas.json_schema import components_of
from schemas.messages.registry import REPORT_ROUTES, ReportRoute

_REFERENCE = "#/components/schemas/{name}"
_SECURITY = "agentKey"
_EXAMPLES = Path(schemas.__file__).parent / "examples"
_REPORTS_ONLY = {errors.NO_EVENTS, errors.OTHER_TENANT}
_OTLP_ONLY = {errors.BAD_PROTOBUF}


def document(app: FastAPI) -> None:
    """Add the reporting routes to what the app says of itself."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        description = described()
        description["paths"] |= {route.path: {"post": _operation(route)} for route in REPORT_ROUTES}
        of_otlp = [kind for kind in error_kinds() if kind not in _REPORTS_ONLY]
        refusals = error_responses(of_otlp, otlp_errors())
        description["paths"] |= otlp_paths(refusals, [{_SECURITY: []}], _HEADERS)
        components = description.setdefault("components", {})
        components.setdefault("schemas", {}).update(_schemas())
        components["securitySchemes"] = {
            _SECURITY: {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "promethios_{agentId}_{secret}",
            }
        }
        return description

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend it


def _schemas() -> dict[str, Any]:
    types: list[type[msgspec.Struct]] = [*(route.payload for route in REPORT_ROUTES), Receipt]
    _, components = components_of(types, _REFERENCE)
    for route in REPORT_ROUTES:
        components[route.payload.__name__] |= route.schema_rule or {}
    return components | otlp_components() | {"Problem": PROBLEM}


def _operation(route: ReportRoute) -> dict[str, Any]:
    event = {"$ref": _REFERENCE.format(name=route.payload.__name__)}
    kinds = [kind for kind in error_kinds() if kind not in _OTLP_ONLY]
    return {
        "operationId": f"report_{route.name}",
        "summary": f"Report {route.name}",
        "description": f"One object, an array, or one object a line. Needs `{route.permission}`. "
        "Answered when Kafka has stored all of it.",
        "security": [{_SECURITY: []}],
        "parameters": _HEADERS,
        "requestBody": {
            "required": True,
            "description": f"May be compressed: one `Content-Encoding` out of {ACCEPTED}.",
            "content": {
                "application/json": {
                    "schema": {"oneOf": [event, {"type": "array", "items": event, "minItems": 1}]},
                    "examples": _examples(route),
                },
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
        "responses": {"202": _accepted(), **error_responses(kinds, problem_content(kinds))},
    }


def _examples(route: ReportRoute) -> dict[str, Any]:
    files = sorted((_EXAMPLES / route.name / "v1" / "valid").glob("*.json"))
    return {file.stem: {"value": json.loads(file.read_bytes())} for file in files}


def _accepted() -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=Receipt.__name__)}
    return {"description": "Stored", "content": {"application/json": {"schema": schema}}}


def _header(name: str, description: str, **schema: str) -> dict[str, Any]:
    described = {"name": name, "in": "header", "description": description}
    return {**described, "schema": {"type": "string", **schema}}


_HEADERS = [
    _header("Idempotency-Key", "A request that is repeated with it is stored once.", pattern=KEY_PATTERN),
    _header("X-Agent-ID", "If sent, it must be the agent of the key."),
    _header("X-Governance-ID", "If sent, it must be the governance id of the key's agent."),
]
