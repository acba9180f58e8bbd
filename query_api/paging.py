"""Pages out of rows: one row more than the page is asked for, and tells whether there is a next page."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from query_api.cursors import Cursor, EventCursor, RowCursor, encode_cursor
from query_api.database import Row
from schemas.timestamps import from_datetime

ItemT = TypeVar("ItemT")


def split_page(
    items: Sequence[ItemT], limit: int, cursor_of: Callable[[ItemT], Cursor]
) -> tuple[Sequence[ItemT], str | None]:
    """The first `limit` of at most `limit + 1` items, and the cursor after them if there are more."""
    page = items[:limit]
    return page, encode_cursor(cursor_of(page[-1])) if len(items) > limit else None


def row_cursor(row: Row) -> RowCursor:
    """Where a row of telemetry stands in its list."""
    return RowCursor(from_datetime(row["timestamp"]), row["batch_id"], row["seq"])


def event_cursor(row: Row) -> EventCursor:
    """Where a derived event stands in its list."""
    return EventCursor(from_datetime(row["event_time"]), row["event_id"])
