"""What becomes of an agent's data: how often it comes, and how long it takes to be judged."""

from query_api.queries.query import Query, moment, of_agent
from schemas.derived import AlertState
from schemas.identity import AgentRef
from schemas.tables import TELEMETRY_TABLES, Table


def collection(ref: AgentRef, day: int, midnight: int) -> Query:
    """Of each kind the arrivals since `day`, their first and last, and how many since `midnight`."""
    values = {"tenant_id": ref.tenant_id, "agent_id": ref.agent_id, "day": day, "midnight": midnight}
    parts = [
        f"SELECT '{kind}' AS kind, count() AS rows, uniqExact(received_at) AS arrivals, "  # noqa: S608 - names from schemas, values bound
        "min(received_at) AS first, max(received_at) AS last, "
        f"countIf(received_at >= {moment('midnight')}) AS today "
        f"FROM {telemetry.table} WHERE tenant_id = {{tenant_id:String}} AND agent_id = {{agent_id:String}} "
        f"AND received_at >= {moment('day')}"
        for kind, telemetry in TELEMETRY_TABLES.items()
    ]
    return Query(" UNION ALL ".join(parts), values)


def latency(ref: AgentRef, start: int) -> Query:
    """Milliseconds from the newest report that a score absorbed to that score: median, 95th percentile.

    Of the scores that absorbed up to the same report the first counts: the later ones changed as time passed.
    """
    conditions = of_agent(ref)
    conditions.add_time_range("event_time", start, None)
    conditions.add(f"as_of >= {moment('start')}")
    sql = (
        "SELECT count() AS scores, "  # noqa: S608 - as above
        "quantiles(0.5, 0.95)(greatest(dateDiff('millisecond', as_of, first), 0)) AS latencies FROM "
        f"(SELECT as_of, min(event_time) AS first FROM {Table.TRUST_SCORES} "
        f"WHERE {conditions.sql} GROUP BY as_of)"
    )
    return Query(sql, conditions.parameters)


def alerts(ref: AgentRef, start: int) -> Query:
    """How many alerts fire now, and how many began since a time in milliseconds."""
    conditions = of_agent(ref)
    sql = (
        f"SELECT countIf(newest = '{AlertState.FIRING}') AS firing, "  # noqa: S608 - as above
        f"countIf(began >= {moment('start')}) AS begun "
        "FROM (SELECT fingerprint, argMax(state, (event_time, started_at, ended_at IS NOT NULL)) AS newest, "
        f"max(started_at) AS began FROM {Table.ALERTS} WHERE {conditions.sql} GROUP BY fingerprint)"
    )
    return Query(sql, {**conditions.parameters, "start": start})


def oldest(ref: AgentRef) -> Query:
    """When the oldest row of each kind came."""
    conditions = of_agent(ref)
    parts = [
        f"SELECT '{telemetry.table}' AS source, count() AS rows, min(received_at) AS oldest "  # noqa: S608 - as above
        f"FROM {telemetry.table} WHERE {conditions.sql}"
        for telemetry in TELEMETRY_TABLES.values()
    ]
    return Query(" UNION ALL ".join(parts), conditions.parameters)
