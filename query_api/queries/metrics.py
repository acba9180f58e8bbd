"""The reports of an agent about itself."""

from query_api.cursors import RowCursor
from query_api.queries.query import Query, of_agent
from query_api.queries.telemetry import newest_rows
from schemas.identity import AgentRef
from schemas.tables import Table

_COLUMNS = (
    "interactions, response_time_ms, reported_trust, violations_count, uptime_seconds, "
    "platform, version, location"
)


def series(ref: AgentRef, start: int | None, end: int | None, cursor: RowCursor | None, limit: int) -> Query:
    """At most `limit` reports, newest first; times in milliseconds."""
    conditions = of_agent(ref)
    conditions.add_time_range("timestamp", start, end)
    return newest_rows(Table.AGENT_METRICS, _COLUMNS, conditions, cursor, limit)
