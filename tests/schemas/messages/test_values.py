"""Bounds of the shared types."""

import msgspec
import pytest

from schemas.messages.values import Count, LongText, NonNegative, Severity


@pytest.mark.parametrize("text", [b"-1", b"9223372036854775808", b"1.5", b'"1"'])
def test_counts_are_whole_and_fit_a_column(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=Count)


@pytest.mark.parametrize("text", [b"-0.1", b"NaN", b"1e999", b"true"])
def test_measures_are_finite_and_not_negative(text: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(text, type=NonNegative)


def test_long_texts_end_somewhere() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode("x" * 65_537), type=LongText)


def test_severities_are_spelled_as_documented() -> None:
    assert [severity.value for severity in Severity] == ["low", "medium", "high", "critical"]
