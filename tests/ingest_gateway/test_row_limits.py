"""Rows within the limits pass unseen; what passes a limit is named."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.limits import Limits
from ingest_gateway.row_limits import RowLimits
from runtime.problems import ProblemError

LIMITS = RowLimits(Limits(max_event_bytes=4000, max_text_length=1000, max_keys=20, max_nesting=5))


def encoded(value: object) -> bytes:
    return msgspec.json.encode({"tenant_id": "acme", "context": value})


def problem_of(*rows: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as refused:
        LIMITS.check(rows)
    return refused.value


def nested(levels: int) -> Any:  # noqa: ANN401 - JSON
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_rows_within_the_limits_pass() -> None:
    LIMITS.check([encoded({"a": 1}), encoded("x" * 900), encoded({str(n): n for n in range(20)})])
    LIMITS.check([encoded(nested(5)), encoded([1] * 500)])


def test_a_row_that_is_too_large_is_named() -> None:
    problem = problem_of(encoded(1), encoded([7] * 3000))
    assert (problem.kind.status, problem.kind.tag) == (413, "event-too-large")
    assert problem.errors[0]["index"] == 1


@pytest.mark.parametrize(
    ("value", "field", "reason"),
    [
        ({"a": ["x", "x" * 1001]}, "context.a.1", "has 1001 characters, at most 1000 are taken"),
        ({"a": {str(n): n for n in range(21)}}, "context.a", "has 21 keys, at most 20 are taken"),
        (nested(6), "context.0.a.0.a.0", "is nested more than 5 levels deep"),
    ],
)
def test_free_json_that_passes_a_limit_is_named_by_its_place(value: object, field: str, reason: str) -> None:
    problem = problem_of(encoded(value))
    assert (problem.kind.status, problem.kind.tag) == (422, "bad-fields")
    assert problem.errors == [{"index": 0, "field": field, "reason": reason}]


def test_brackets_and_colons_in_a_text_are_no_structure() -> None:
    LIMITS.check([encoded('{"a":[' * 100)])


def test_a_request_may_have_so_many_rows() -> None:
    limits = RowLimits(Limits(max_events=3))
    limits.check_count(3)
    with pytest.raises(ProblemError, match="too-many-events"):
        limits.check_count(4)


def excess(value: object, limits: Limits, level: int = 0) -> bool:
    """The same by plain recursion, without any short cut."""
    if isinstance(value, str):
        return len(value) > limits.max_text_length
    if not isinstance(value, dict | list):
        return False
    if level > limits.max_nesting or (isinstance(value, dict) and len(value) > limits.max_keys):
        return True
    members = value.values() if isinstance(value, dict) else value
    return any(excess(member, limits, level + 1) for member in members)


JSON = st.recursive(
    st.none() | st.integers(-9, 9) | st.text('ab"{[:,', max_size=12),
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=6)
    ),
)


@given(JSON, st.integers(1, 6), st.integers(1, 6), st.integers(1, 10))
def test_the_short_cuts_miss_nothing(value: object, nesting: int, keys: int, text: int) -> None:
    limits = Limits(max_nesting=nesting, max_keys=keys, max_text_length=text)
    row = msgspec.json.encode({"c": value})
    if excess({"c": value}, limits):
        with pytest.raises(ProblemError):
            RowLimits(limits).check([row])
    else:
        RowLimits(limits).check([row])
