"""A page of derived events, newest first, by a keyset that new events do not move."""

from query_api.cursors import EventCursor
from query_api.queries.query import Conditions, Query, moment
from schemas.tables import Table


def newest_events(
    table: Table, columns: str, conditions: Conditions, cursor: EventCursor | None, limit: int
) -> Query:
    """At most `limit` events after the cursor, one row for each event id.

    Copies that at-least-once delivery leaves are equal in all columns and next to each other in this order,
    so LIMIT BY drops them while it reads; FINAL would have to merge all parts first.
    """
    if cursor is not None:
        conditions.add(
            f"(event_time, event_id) < ({moment('after_time')}, {{after_id:String}})",
            after_time=cursor.time,
            after_id=cursor.id,
        )
    sql = (
        f"SELECT event_id, event_time, {columns} FROM {table} WHERE {conditions.sql} "  # noqa: S608 - names from schemas, values bound
        "ORDER BY event_time DESC, event_id DESC LIMIT 1 BY event_time, event_id LIMIT {limit:UInt32}"
    )
    return Query(sql, {**conditions.parameters, "limit": limit})
