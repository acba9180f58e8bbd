"""The bound on nesting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from schemas.nesting import MAX_NESTING, check_nesting, check_nesting_of_all


def nested(depth: int, *, arrays: bool) -> object:
    value: object = "core"
    for _ in range(depth):
        value = [1, value] if arrays else {"a": 1, "b": value}
    return value


@pytest.mark.parametrize("arrays", [True, False])
def test_only_what_is_nested_too_deep_is_refused(arrays: bool) -> None:
    check_nesting(nested(MAX_NESTING, arrays=arrays), "context")
    with pytest.raises(InvalidMessageError, match="context: is nested more than 64 levels deep"):
        check_nesting(nested(MAX_NESTING + 1, arrays=arrays), "context")


@pytest.mark.parametrize("arrays", [True, False])
@pytest.mark.parametrize("beside", [{"flat": 1}, "a text", 5, [1], {}])
def test_of_many_none_may_be_nested_too_deep(arrays: bool, beside: object) -> None:
    check_nesting_of_all([], "context")
    check_nesting_of_all([beside, nested(MAX_NESTING, arrays=arrays), beside], "context")
    with pytest.raises(InvalidMessageError, match="context: is nested more than 64 levels deep"):
        check_nesting_of_all([beside, nested(MAX_NESTING + 1, arrays=arrays), beside], "context")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.recursive(SCALARS, lambda some: st.lists(some) | st.dictionaries(st.text(), some), max_leaves=30))
def test_width_does_not_count(value: object) -> None:
    check_nesting([value] * 3, "context")
