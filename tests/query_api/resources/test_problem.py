"""The documented shape of errors is the one that is answered."""

from query_api import errors
from query_api.resources.problem import Problem
from runtime.problems import ProblemError


def test_what_is_answered_fits_what_is_documented() -> None:
    fields = [{"in": "query", "field": "limit", "reason": "too small"}]
    for kind in errors.ERROR_KINDS:
        body = ProblemError(kind, "detail", fields).body()
        problem = Problem.model_validate_json(body)
        assert (problem.status, problem.tag) == (kind.status, kind.tag)
        assert problem.errors is not None
        assert problem.errors[0].place == "query"
