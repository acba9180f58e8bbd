"""Columns are found in ClickHouse, table by table."""

from query_api.erasing.columns import Column, by_table


def test_columns_come_table_by_table() -> None:
    rows: list[dict[str, object]] = [
        {"table": "a", "name": "x", "type": "String", "is_key": 1},
        {"table": "b", "name": "y", "type": "UInt8", "is_key": 0},
        {"table": "a", "name": "z", "type": "String", "is_key": 0},
    ]
    assert by_table(rows) == {
        "a": [Column("x", "String", True), Column("z", "String", False)],
        "b": [Column("y", "UInt8", False)],
    }
