"""Every error of the application as problem+json, ours, FastAPI's and unexpected ones alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match

from query_api import errors
from runtime.logging import get_logger
from runtime.problems import ErrorKind, ProblemError

_log = get_logger(__name__)

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Pydantic puts it before the texts of our own validators.
_PYDANTIC_PREFIX = "Value error, "

_KIND_BY_STATUS = {
    401: errors.UNAUTHENTICATED,
    404: errors.NOT_FOUND,
    405: errors.METHOD_NOT_ALLOWED,
    413: errors.TOO_LARGE,
}


def install_error_handlers(app: FastAPI) -> None:
    """Answer all errors of `app` as problems."""
    app.add_exception_handler(ProblemError, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(WebSocketRequestValidationError, _answer_invalid_socket)
    app.add_exception_handler(Exception, _answer_unexpected)


def problem_response(problem: ProblemError, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of a problem; `headers` are put beside its own."""
    return Response(problem.body(), problem.kind.status, {**problem.headers(), **(headers or {})})


def invalid_problem(found: Sequence[Mapping[str, Any]]) -> ProblemError:
    """The problem of pydantic's list of errors: bad JSON, a wrong type of body, or named fields.

    What was sent is not repeated: it may hold a secret.
    """
    if any(error["type"] == "json_invalid" for error in found):
        reason = found[0].get("ctx", {}).get("error", "")
        return ProblemError(errors.BAD_JSON, f"{reason} (at byte {found[0]['loc'][-1]})")
    if any(error["type"] == "model_attributes_type" and error["loc"] == ("body",) for error in found):
        return ProblemError(
            errors.INVALID,
            "Send a JSON object as application/json.",
            [_field_error(error) for error in found],
        )
    return ProblemError(
        errors.INVALID, "See `errors` for each field.", [_field_error(error) for error in found]
    )


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    place, *path = error["loc"]
    return {
        "in": str(place),
        "field": ".".join(map(str, path)),
        "reason": error["msg"].removeprefix(_PYDANTIC_PREFIX),
    }


def _answer_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    _log_problem(request, error.kind, error.detail)
    return problem_response(error)


def _answer_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    kind = _KIND_BY_STATUS.get(error.status_code, errors.BAD_REQUEST)
    detail = "" if kind is errors.NOT_FOUND else error.detail
    headers = {"allow": _allowed(request)} if kind is errors.METHOD_NOT_ALLOWED else error.headers
    return problem_response(ProblemError(kind, detail), headers)


def _allowed(request: Request) -> str:
    """All methods of the path; Starlette names those of the first route that has it."""
    routes: Sequence[BaseRoute] = request.app.routes
    return ", ".join(
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    )


def _answer_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    if _has_wrong_type(request):
        return problem_response(ProblemError(errors.WRONG_TYPE, "Set `Content-Type: application/json`."))
    return problem_response(invalid_problem(error.errors()))


def _answer_invalid_socket(_socket: HTTPConnection, error: Exception) -> Response:
    """Before a socket is accepted, it is refused by an answer of HTTP."""
    if not isinstance(error, WebSocketRequestValidationError):
        raise error
    return problem_response(invalid_problem(error.errors()))


def _answer_unexpected(request: Request, error: Exception) -> Response:
    _log.error("request_failed", path=request.url.path, exc_info=error)
    return problem_response(ProblemError(errors.INTERNAL, "It has been logged; please try again."))


def _has_wrong_type(request: Request) -> bool:
    if request.method not in {"POST", "PUT", "PATCH"}:
        return False
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type != "application/json"


def _log_problem(request: Request, kind: ErrorKind, detail: str) -> None:
    log = getattr(_log, kind.log_level)
    log("problem_answered", path=request.url.path, status=kind.status, tag=kind.tag, detail=detail)
