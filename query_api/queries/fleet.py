"""A tenant's fleet as it stands, and what its last day was like."""

from collections.abc import Sequence

from query_api.queries.query import Query, of_tenant
from query_api.queries.slo import CALLS
from schemas.derived import AlertState
from schemas.tables import Resolution, Table, roll_up

# Agents that were not heard of for longer have no status and no trust that would still be true.
NEWEST_MS = 30 * 24 * 60 * 60 * 1000

# The tables are sorted by agents: each is done with before the next, in a third of the time.
_IN_ORDER = "SETTINGS optimize_aggregation_in_order = 1"


def statuses(tenant_id: str, agent_ids: Sequence[str], since: int | None) -> Query:
    """The newest status of each of the agents, or of all, that had one since a time in milliseconds."""
    conditions = of_tenant(tenant_id)
    conditions.add_any_of("agent_id", agent_ids)
    conditions.add_time_range("event_time", since, None)
    sql = (
        "SELECT agent_id, argMax(status, (event_time, last_seen_at)) AS status "  # noqa: S608 - names from schemas, values bound
        f"FROM {Table.AGENT_STATUS} WHERE {conditions.sql} GROUP BY agent_id {_IN_ORDER}"
    )
    return Query(sql, conditions.parameters)


def scores(tenant_id: str, agent_ids: Sequence[str], since: int | None) -> Query:
    """The newest score of each of the agents, or of all, that had one since a time in milliseconds."""
    conditions = of_tenant(tenant_id)
    conditions.add_any_of("agent_id", agent_ids)
    conditions.add_time_range("event_time", since, None)
    sql = (
        "SELECT agent_id, argMax(score, (event_time, as_of)) AS score, "  # noqa: S608 - as above
        f"argMax(level, (event_time, as_of)) AS level FROM {Table.TRUST_SCORES} "
        f"WHERE {conditions.sql} GROUP BY agent_id {_IN_ORDER}"
    )
    return Query(sql, conditions.parameters)


def open_alerts(tenant_id: str) -> Query:
    """How many alerts fire, by severity."""
    conditions = of_tenant(tenant_id)
    sql = (
        "SELECT severity, count() AS alerts FROM (SELECT fingerprint, "  # noqa: S608 - as above
        "argMax(state, (event_time, started_at, ended_at IS NOT NULL)) AS newest, "
        "argMax(severity, (event_time, started_at, ended_at IS NOT NULL)) AS severity "
        f"FROM {Table.ALERTS} WHERE {conditions.sql} GROUP BY fingerprint) "
        f"WHERE newest = '{AlertState.FIRING}' GROUP BY severity"
    )
    return Query(sql, conditions.parameters)


def violations(tenant_id: str, start: int) -> Query:
    """How many violations were found since a time in milliseconds, by severity."""
    conditions = of_tenant(tenant_id)
    conditions.add_time_range("event_time", start, None)
    sql = (
        f"SELECT severity, uniqExact(event_id) AS violations FROM {Table.POLICY_VIOLATIONS} "  # noqa: S608 - as above
        f"WHERE {conditions.sql} GROUP BY severity"
    )
    return Query(sql, conditions.parameters)


def logs(tenant_id: str, start: int) -> Query:
    """How many log entries there are since the hour of a time, by level."""
    conditions = of_tenant(tenant_id)
    conditions.add_time_range("bucket", start, None)
    sql = (
        f"SELECT level, sum(hourly.entries) AS entries FROM {roll_up(Table.AGENT_LOGS, Resolution.HOUR)} "  # noqa: S608 - as above
        f"AS hourly WHERE {conditions.sql} GROUP BY level"
    )
    return Query(sql, conditions.parameters)


def calls(tenant_id: str, start: int) -> Query:
    """How many calls of tools and models there are since the hour of a time, and how many failed."""
    conditions = of_tenant(tenant_id)
    conditions.add_time_range("bucket", start, None)
    sql = (
        "SELECT sum(hourly.judged) AS calls, sum(hourly.failures) AS failures "  # noqa: S608 - as above
        f"FROM {roll_up(Table.AGENT_EVENTS, Resolution.HOUR)} AS hourly WHERE {conditions.sql} AND {CALLS}"
    )
    return Query(sql, conditions.parameters)
