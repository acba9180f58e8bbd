"""Labels are short texts that need no quoting, and not too many."""

import pytest
from pydantic import TypeAdapter, ValidationError

from query_api.resources.labels import Labels

CHECKED: TypeAdapter[dict[str, str]] = TypeAdapter(Labels)


def test_names_and_values_are_as_they_are_written() -> None:
    assert CHECKED.validate_python({"team": "payments", "k8s.io/app": "v1.2_3"})


@pytest.mark.parametrize(
    "labels",
    [
        {"": "x"},
        {"a b": "x"},
        {"1a": "x"},
        {"a": ""},
        {"a": "x y"},
        {"a": "é"},
        {"a" * 64: "x"},
        {"a": "x" * 129},
    ],
)
def test_others_are_refused(labels: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        CHECKED.validate_python(labels)


def test_there_may_be_32() -> None:
    assert CHECKED.validate_python({f"l{number}": "x" for number in range(32)})
    with pytest.raises(ValidationError, match="at most 32"):
        CHECKED.validate_python({f"l{number}": "x" for number in range(33)})
