"""The registry of views: each says what a row of it is, and none is named like a table."""

from schemas.tables import Table
from schemas.views import ROWS, View


def test_each_view_says_what_a_row_is() -> None:
    assert set(ROWS) == set(View)
    assert all(text[0].islower() and not text.endswith(".") for text in ROWS.values())


def test_no_view_has_a_tables_name() -> None:
    assert not {str(view) for view in View} & {str(table) for table in Table}
