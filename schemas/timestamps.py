"""Milliseconds since the epoch and their text, the one form that every row and event uses."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from schemas.errors import InvalidMessageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR = 1970
LAST_YEAR = 2261


def to_rfc3339(milliseconds: int) -> str:
    """UTC text with milliseconds, as in `2026-01-31T12:00:00.250Z`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second_text(seconds)}.{rest:03d}Z"


def date_text(day: int) -> str:
    """The date, as in `2026-01-31`, of a day counted from 1970."""
    return (_EPOCH + timedelta(days=day)).date().isoformat()


@lru_cache(maxsize=8)
def month_of(day: int) -> int:
    """Which month, counted from 1970, a day is in that is counted so too."""
    date = _EPOCH + timedelta(days=day)
    return (date.year - _FIRST_YEAR) * 12 + date.month - 1


@lru_cache(maxsize=8)
def _second_text(seconds: int) -> str:
    # Kept because the gateway asks for the same second on each request, and strftime is slow.
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def from_datetime(moment: datetime) -> int:
    """Milliseconds since the epoch; a moment without an offset is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def check_storable(moment: datetime, field: str) -> None:
    """Refuse a moment in a year that the tables' DateTime64 cannot hold.

    Raises:
        InvalidMessageError: the year is outside 1970 to 2261.
    """
    if not _FIRST_YEAR <= moment.year <= LAST_YEAR:
        check_storable_years({moment.year}, field)


def check_storable_years(years: Iterable[int], field: str) -> None:
    """Refuse years that the tables' DateTime64 cannot hold.

    Raises:
        InvalidMessageError: one is outside 1970 to 2261.
    """
    for year in years:
        if not _FIRST_YEAR <= year <= LAST_YEAR:
            raise InvalidMessageError(
                f"the year must be {_FIRST_YEAR} to {LAST_YEAR}, not {year}", field=field
            )
