"""The OpenAPI description of what agents send to, generated from the messages of reports and of OTLP."""

import json
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI

import schemas
from ingest_gateway import errors
from ingest_gateway.otlp.description import otlp_components, otlp_paths
from ingest_gateway.report import Receipt
from runtime.problems import MEDIA_TYPE, ErrorKind
from schemas.json_schema import components_of
from schemas.messages.registry import REPORT_ROUTES, ReportRoute

_REFERENCE = "#/components/schemas/{name}"
_SECURITY = "agentKey"
_EXAMPLES = Path(schemas.__file__).parent / "examples"


def document(app: FastAPI) -> None:
    """Add the reporting routes to what the app says of itself."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        description = described()
        description["paths"] |= {route.path: {"post": _operation(route)} for route in REPORT_ROUTES}
        description["paths"] |= otlp_paths(_error_texts(), [{_SECURITY: []}], _parameters())
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


def error_kinds() -> list[ErrorKind]:
    """The rows of the error table."""
    return [value for value in vars(errors).values() if isinstance(value, ErrorKind)]


def _schemas() -> dict[str, Any]:
    types: list[type[msgspec.Struct]] = [*(route.payload for route in REPORT_ROUTES), Receipt]
    _, components = components_of(types, _REFERENCE)
    for route in REPORT_ROUTES:
        components[route.payload.__name__] |= route.schema_rule or {}
    return components | otlp_components() | {"Problem": _PROBLEM}


def _operation(route: ReportRoute) -> dict[str, Any]:
    event = {"$ref": _REFERENCE.format(name=route.payload.__name__)}
    return {
        "operationId": f"report_{route.name}",
        "summary": f"Report {route.name}",
        "description": f"One object, an array, or one object a line. Needs `{route.permission}`. "
        "Answered when Kafka has stored all of it.",
        "security": [{_SECURITY: []}],
        "parameters": _parameters(),
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"oneOf": [event, {"type": "array", "items": event, "minItems": 1}]},
                    "examples": _examples(route),
                },
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
        "responses": {"202": _accepted(), **_problems()},
    }


def _examples(route: ReportRoute) -> dict[str, Any]:
    files = sorted((_EXAMPLES / route.name / "v1" / "valid").glob("*.json"))
    return {file.stem: {"value": json.loads(file.read_bytes())} for file in files}


def _accepted() -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=Receipt.__name__)}
    return {"description": "Stored", "content": {"application/json": {"schema": schema}}}


def _problems() -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(name="Problem")}}}
    return {status: {"description": text, "content": content} for status, text in _error_texts().items()}


def _error_texts() -> dict[str, str]:
    """What each status of an error answer may mean."""
    tags: dict[str, list[str]] = {}
    for kind in error_kinds():
        if kind.status not in {404, 405}:
            tags.setdefault(str(kind.status), []).append(f"`{kind.tag}`: {kind.title}")
    return {status: "; ".join(texts) for status, texts in tags.items()}


def _parameters() -> list[dict[str, Any]]:
    return [_header(*header) for header in _HEADERS]


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


_HEADERS = (
    ("Idempotency-Key", "A request that is repeated with the same key is stored once."),
    ("X-Agent-ID", "If sent, it must be the agent of the key."),
    ("X-Governance-ID", "If sent, it must be the governance id of the key's agent."),
)

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457; `tag` is stable, `errors` names wrong fields.",
    "required": ["type", "title", "status", "tag"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "tag": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"},
                    "field": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}
