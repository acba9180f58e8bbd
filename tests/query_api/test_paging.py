"""Pages put together are the whole list."""

import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from query_api.cursors import EventCursor, RankCursor, RowCursor, decode_cursor
from query_api.paging import event_cursor, row_cursor, split_page

MOMENT = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)
MOMENT_MS = 1_769_860_800_250


@given(st.lists(st.text("ab", max_size=3)), st.integers(1, 10))
def test_pages_put_together_are_the_list(names: list[str], limit: int) -> None:
    found: list[str] = []
    start = 0
    while True:
        page, cursor = split_page(
            names[start : start + limit + 1], limit, lambda name: RankCursor(None, name)
        )
        found += page
        start += len(page)
        if cursor is None:
            break
        assert decode_cursor(cursor, RankCursor) == RankCursor(None, found[-1])
    assert found == names


def test_a_row_says_where_it_stands() -> None:
    batch_id = uuid.uuid4()
    assert row_cursor({"timestamp": MOMENT, "batch_id": batch_id, "seq": 7}) == RowCursor(
        MOMENT_MS, batch_id, 7
    )


def test_an_event_says_where_it_stands() -> None:
    assert event_cursor({"event_time": MOMENT, "event_id": "e1"}) == EventCursor(MOMENT_MS, "e1")
