"""A page of log entries, newest first: where it probably is before everywhere."""

import time

from query_api.cursors import RowCursor
from query_api.database import Database, Row
from query_api.queries import logs
from schemas.identity import AgentRef


async def newest_entries(
    database: Database, ref: AgentRef, wanted: logs.LogSearch, cursor: RowCursor | None, limit: int
) -> list[Row]:
    """At most `limit` entries after the cursor, of the whole tenant where `ref` has no agent.

    Raises:
        ProblemError: ClickHouse is away, or it took too long.
    """
    now = time.time_ns() // 1_000_000
    parts = logs.parts(wanted, cursor, now)
    search = logs.search
    if not ref.agent_id and not logs.asks_content(wanted):
        search = logs.search_by_time
    elif not ref.agent_id and wanted.trace_id is None:
        in_days = logs.parts(wanted, cursor, now, is_frequent=True)
        rows = await _scan(database, ref, in_days[0], cursor, limit)
        if len(rows) == limit:
            return rows
        if rows:
            # Of some thousands some: a day may hold a page of them.
            parts = in_days
    rows = []
    for part in parts:
        rows += await database.rows(search(ref, part, cursor, limit - len(rows)))
        if len(rows) == limit:
            break
    return rows


async def _scan(
    database: Database, ref: AgentRef, part: logs.LogSearch, cursor: RowCursor | None, limit: int
) -> list[Row]:
    """What the newest entries hold; of more of them, if that promises a page."""
    few, many = logs.SCANS
    rows = await database.rows(logs.scan_newest(ref, part, cursor, limit, few))
    if limit * few / many <= len(rows) < limit:
        rows = await database.rows(logs.scan_newest(ref, part, cursor, limit, many))
    return rows
