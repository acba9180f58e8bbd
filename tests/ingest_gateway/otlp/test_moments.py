"""Nanoseconds to moments."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.otlp.moments import moment
from schemas.errors import InvalidMessageError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXACT_UNTIL = int(datetime(2242, 1, 1, tzinfo=UTC).timestamp()) * 10**9


@given(st.integers(1, EXACT_UNTIL))
def test_every_moment_is_exact_to_the_microsecond(nanoseconds: int) -> None:
    assert moment(nanoseconds, "time") == EPOCH + timedelta(microseconds=nanoseconds // 1000)


@pytest.mark.parametrize("unset", [0, None])
def test_zero_is_unset(unset: int | None) -> None:
    assert moment(unset, "time") is None


@pytest.mark.parametrize("nanoseconds", [9_214_646_400 * 10**9, 2**64 - 1, 10**30])
def test_what_the_tables_cannot_hold_is_refused(nanoseconds: int) -> None:
    assert moment(9_214_646_400 * 10**9 - 10**9, "time") is not None
    with pytest.raises(InvalidMessageError, match="time: the year must be 1970 to 2261"):
        moment(nanoseconds, "time")
