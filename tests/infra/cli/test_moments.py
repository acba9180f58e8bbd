"""Spans and ends as people type them."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.cli.moments import parse_end, parse_span
from infra.errors import StackError

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("0", timedelta()),
        ("0s", timedelta()),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        ("90d", timedelta(days=90)),
    ],
)
def test_a_span_has_a_unit(text: str, span: timedelta) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["", "1", "-1h", "1.5h", "1w", "h", "9999999d"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(StackError, match="30m, 12h or 90d"):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("never", None),
        ("1d", datetime(2026, 2, 1, 12, tzinfo=UTC)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_span_away_a_moment_or_never(text: str, end: datetime | None) -> None:
    assert parse_end(text, NOW) == end


@pytest.mark.parametrize("text", ["", "tomorrow", "0", "31.1.2027"])
def test_what_is_no_end_is_refused(text: str) -> None:
    with pytest.raises(StackError, match="90d, 2027-01-31"):
        parse_end(text, NOW)
