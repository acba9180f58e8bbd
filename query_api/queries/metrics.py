"""The reports of an agent about itself."""

from query_api.cursors import RowCursor
from query_api.queries.query import Query, of_agent
from query_api.queries.telemetry import newest_rows
from query_api.resolution import Span
from schemas.identity import AgentRef
from schemas.tables import Resolution, Table, roll_up

_MOST_RAW = 10_000

_COLUMNS = (
    "interactions, response_time_ms, reported_trust, violations_count, uptime_seconds, "
    "platform, version, location"
)


def series(ref: AgentRef, start: int | None, end: int | None, cursor: RowCursor | None, limit: int) -> Query:
    """At most `limit` reports, newest first; times in milliseconds."""
    conditions = of_agent(ref)
    conditions.add_time_range("timestamp", start, end)
    return newest_rows(Table.AGENT_METRICS, _COLUMNS, conditions, cursor, limit)


def series_of_buckets(ref: AgentRef, span: Span) -> Query:
    """What an agent counted of itself in each bucket of the span that has reports, oldest first."""
    conditions = of_agent(ref)
    if span.bucket_ms is None:
        conditions.add_time_range("timestamp", span.start, span.end)
        sql = (
            "SELECT timestamp AS time, 1 AS reports, interactions, violations_count AS violations, "  # noqa: S608 - names from schemas, values bound
            "response_time_ms AS response_time_avg_ms, response_time_ms AS response_time_max_ms, "
            f"CAST([], 'Array(Float64)') AS percentiles FROM {Table.AGENT_METRICS} "
            f"WHERE {conditions.sql} ORDER BY timestamp, batch_id, seq LIMIT {_MOST_RAW}"
        )
        return Query(sql, conditions.parameters)
    conditions.add_time_range("bucket", span.start, span.end)
    table = roll_up(Table.AGENT_METRICS, Resolution(span.resolution))
    # No average is above the largest, though the sum of what an agent makes up may be infinite.
    sql = (
        "SELECT bucket AS time, sum(rolled.reports) AS reports, sum(rolled.interactions) AS interactions, "  # noqa: S608 - as above
        "sum(rolled.violations) AS violations, max(response_time_max) AS response_time_max_ms, "
        "least(sum(response_time_sum) / reports, response_time_max_ms) AS response_time_avg_ms, "
        "quantilesTDigestMerge(0.5, 0.95, 0.99)(response_times) AS percentiles "
        f"FROM {table} AS rolled WHERE {conditions.sql} GROUP BY bucket ORDER BY bucket"
    )
    return Query(sql, conditions.parameters)
