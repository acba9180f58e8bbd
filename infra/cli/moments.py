"""Spans and moments as people type them: `90d`, `12h`, a date, `never`."""

import re
from datetime import UTC, datetime, timedelta

from infra.errors import StackError

_SPAN = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
NEVER = "never"


def parse_span(text: str) -> timedelta:
    """A span such as `30m`, `12h` or `90d`; `0` is none at all.

    Raises:
        StackError: it is none.
    """
    if text == "0":
        return timedelta()
    matched = _SPAN.fullmatch(text)
    if matched is None:
        raise StackError(f"{text!r} is no span of time: write 30m, 12h or 90d.")
    return timedelta(**{_UNITS[matched[2]]: int(matched[1])})


def parse_end(text: str, now: datetime) -> datetime | None:
    """When something ends: after a span, at a date or time (UTC if it does not say), or None for `never`.

    Raises:
        StackError: it is none of these.
    """
    if text == NEVER:
        return None
    if _SPAN.fullmatch(text):
        return now + parse_span(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise StackError(
            f"{text!r} is no end: write 90d, 2027-01-31, 2027-01-31T12:00:00Z or {NEVER}."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
