"""Error answers in the OpenAPI description: the error table by status, and the headers that come with it."""

from collections.abc import Iterable
from typing import Any

import orjson

from ingest_gateway import errors
from runtime.problems import MEDIA_TYPE, ErrorKind, ProblemError

# Answered where there is no such route or method, so by none that is described.
_ELSEWHERE = {404, 405}
_TEXT = {"type": "string"}
_HEADERS: dict[str, dict[str, Any]] = {
    "retry-after": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "www-authenticate": {"description": "Which scheme to use.", "schema": {"const": "Bearer"}},
}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457; `tag` is stable, `errors` names wrong fields.",
    "required": ["type", "title", "status", "tag"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "tag": _TEXT,
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "field", "reason"],
                "properties": {"index": {"type": "integer"}, "field": _TEXT, "reason": _TEXT},
            },
        },
        "violated-policies": {"type": "array", "items": _TEXT},
    },
}


def error_kinds() -> list[ErrorKind]:
    """The rows of the error table."""
    return [value for value in vars(errors).values() if isinstance(value, ErrorKind)]


def error_responses(kinds: Iterable[ErrorKind], content: dict[str, Any]) -> dict[str, Any]:
    """The `responses` of a route that fails in these ways, with bodies as `content` says."""
    by_status: dict[int, list[ErrorKind]] = {}
    for kind in kinds:
        if kind.status not in _ELSEWHERE:
            by_status.setdefault(kind.status, []).append(kind)
    return {str(status): _response(of_status, content) for status, of_status in sorted(by_status.items())}


def problem_content(kinds: Iterable[ErrorKind]) -> dict[str, Any]:
    """Problems as a body, with an example of each kind."""
    examples = {
        kind.tag: {"summary": kind.title, "value": orjson.loads(ProblemError(kind, "what to do").body())}
        for kind in kinds
    }
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}


def _response(kinds: list[ErrorKind], content: dict[str, Any]) -> dict[str, Any]:
    response = {"description": "; ".join(f"`{kind.tag}`: {kind.title}" for kind in kinds), "content": content}
    names = {name for kind in kinds for name in ProblemError(kind).headers()} & _HEADERS.keys()
    if names:
        response["headers"] = {name: _HEADERS[name] for name in sorted(names)}
    return response
