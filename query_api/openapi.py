"""Error answers in the OpenAPI document: one schema, and for each route the kinds that it can give."""

from typing import Any

import orjson

from query_api import errors
from query_api.resources.problem import Problem
from runtime.connection_limits import CONNECTION_ERRORS
from runtime.problems import MEDIA_TYPE, ErrorKind, ProblemError

PROBLEM_REF = "#/components/schemas/Problem"
_ALWAYS = (
    *CONNECTION_ERRORS,
    errors.UNAUTHENTICATED,
    errors.FORBIDDEN,
    errors.INVALID,
    errors.INTERNAL,
    errors.STARTING,
    errors.ISSUER_AWAY,
)
CONTROL_READ_ERRORS = _ALWAYS
READ_ERRORS = (*_ALWAYS, errors.CLICKHOUSE_AWAY, errors.QUERY_TIMEOUT)
LOG_READ_ERRORS = (*READ_ERRORS, errors.AUDIT_AWAY)
WRITE_ERRORS = (
    *_ALWAYS,
    errors.BAD_JSON,
    errors.TOO_LARGE,
    errors.WRONG_TYPE,
    errors.KAFKA_AWAY,
)

Responses = dict[int | str, dict[str, Any]]


def problem_responses(*kinds: ErrorKind) -> Responses:
    """The `responses` of a route that can fail in these ways."""
    responses: Responses = {}
    for kind in kinds:
        content = responses.setdefault(
            kind.status,
            {
                "description": kind.title,
                "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_REF}, "examples": {}}},
            },
        )
        content["content"][MEDIA_TYPE]["examples"][kind.tag] = {
            "summary": kind.title,
            "value": orjson.loads(ProblemError(kind).body()),
        }
    return responses


def add_problem_schema(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the schema that all problems refer to, and without FastAPI's own error schema."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(model.pop("$defs", {}))
    schemas["Problem"] = model
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document
