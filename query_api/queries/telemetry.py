"""A page of one agent's telemetry rows, newest first, by a keyset that new rows do not move."""

from query_api.cursors import RowCursor
from query_api.queries.query import Conditions, Query, moment
from schemas.tables import Table


def newest_rows(
    table: Table, columns: str, conditions: Conditions, cursor: RowCursor | None, limit: int
) -> Query:
    """At most `limit` rows after the cursor; `conditions` name tenant and agent, so the sort key serves."""
    if cursor is not None:
        # The first of these follows from the other; it is what the index on times understands.
        conditions.add(
            f"timestamp <= {moment('after_time')} AND (timestamp, batch_id, seq) < "
            f"({moment('after_time')}, {{after_batch:UUID}}, {{after_seq:UInt32}})",
            after_time=cursor.timestamp,
            after_batch=str(cursor.batch_id),
            after_seq=cursor.seq,
        )
    sql = (
        f"SELECT timestamp, received_at, batch_id, seq, {columns} FROM {table} WHERE {conditions.sql} "  # noqa: S608 - names from schemas, values bound
        "ORDER BY timestamp DESC, batch_id DESC, seq DESC LIMIT {limit:UInt32}"
    )
    return Query(sql, {**conditions.parameters, "limit": limit})
