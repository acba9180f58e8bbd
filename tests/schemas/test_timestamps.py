"""Milliseconds and their text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from schemas.timestamps import check_storable, date_text, from_datetime, month_of, to_rfc3339


@given(st.integers(0, 9_000_000_000_000))
def test_text_and_milliseconds_are_the_same_moment(milliseconds: int) -> None:
    assert from_datetime(datetime.fromisoformat(to_rfc3339(milliseconds))) == milliseconds


def test_a_day_is_written_as_a_date() -> None:
    assert [date_text(day) for day in (0, 59, 20_484)] == ["1970-01-01", "1970-03-01", "2026-01-31"]


@given(st.datetimes(datetime(1970, 1, 1), datetime(2261, 12, 31)))  # noqa: DTZ001 - hypothesis wants naive ones
def test_months_count_from_1970(moment: datetime) -> None:
    day = from_datetime(moment) // 86_400_000
    year, month = divmod(month_of(day), 12)
    assert (1970 + year, 1 + month) == (moment.year, moment.month)


def test_a_moment_without_offset_is_utc() -> None:
    naive = datetime(2026, 1, 31, 12, tzinfo=UTC).replace(tzinfo=None)
    assert to_rfc3339(from_datetime(naive)) == "2026-01-31T12:00:00.000Z"


def test_an_offset_is_honoured() -> None:
    moment = datetime.fromisoformat("2026-01-31T12:00:00.250+02:00")
    assert to_rfc3339(from_datetime(moment)) == "2026-01-31T10:00:00.250Z"


@pytest.mark.parametrize("year", [1, 1969, 2262, 9999])
def test_years_that_tables_cannot_hold_are_refused(year: int) -> None:
    with pytest.raises(InvalidMessageError, match="timestamp: the year must be"):
        check_storable(datetime(year, 6, 1, tzinfo=UTC), "timestamp")


def test_the_first_and_last_years_are_taken() -> None:
    check_storable(datetime(1970, 1, 1, tzinfo=UTC), "timestamp")
    check_storable(datetime(2262, 1, 1, tzinfo=UTC) - timedelta(seconds=1), "timestamp")
