"""The error of the contract names the field before the reason."""

from schemas.errors import InvalidMessageError


def test_the_field_comes_first() -> None:
    assert str(InvalidMessageError("too late", field="timestamp")) == "timestamp: too late"
    assert str(InvalidMessageError("no block")) == "no block"
