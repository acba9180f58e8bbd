"""Nanoseconds since the epoch to moments; pure."""

from datetime import UTC, datetime

from schemas.errors import InvalidMessageError
from schemas.timestamps import LAST_YEAR

_END = int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000_000
_from_timestamp = datetime.fromtimestamp


def moment(nanoseconds: int | None, field: str) -> datetime | None:
    """The moment in microseconds, cut rather than rounded; None for 0, which OTLP means as unset.

    By way of a double, which takes half the time of a timedelta, and is exact until the year 2242.

    Raises:
        InvalidMessageError: it is later than the tables can hold.
    """
    if not nanoseconds:
        return None
    if nanoseconds >= _END:
        raise InvalidMessageError(f"the year must be 1970 to {LAST_YEAR}", field=field)
    return _from_timestamp(nanoseconds // 1000 / 1_000_000, UTC)
