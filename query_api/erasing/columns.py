"""The tables and columns that rows of tenants are in, as ClickHouse has them."""

from collections.abc import Iterable
from dataclasses import dataclass

from query_api.queries.query import Query

# All tables with rows, roll-ups too, also those that a later release adds. Not those whose names begin with a
# dot: they are of views, whose ours write into tables of their own, or hold rows that are being moved.
COLUMNS = Query(
    """
    SELECT c.table AS table, c.name AS name, c.type AS type,
           c.is_in_sorting_key OR c.is_in_partition_key OR c.is_in_primary_key AS is_key
    FROM system.columns AS c
    INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
    WHERE c.database = currentDatabase() AND t.engine LIKE '%MergeTree' AND NOT startsWith(t.name, '.')
      AND c.default_kind NOT IN ('ALIAS', 'MATERIALIZED')
    ORDER BY c.table, c.position
    """,
    {},
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; keys cannot be altered."""

    name: str
    type: str
    is_key: bool


def by_table(rows: Iterable[dict[str, object]]) -> dict[str, list[Column]]:
    """The rows of COLUMNS, table by table."""
    tables: dict[str, list[Column]] = {}
    for row in rows:
        column = Column(str(row["name"]), str(row["type"]), bool(row["is_key"]))
        tables.setdefault(str(row["table"]), []).append(column)
    return tables
