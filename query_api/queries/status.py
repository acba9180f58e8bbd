"""Whether agents are there, and what came from them lately."""

from collections.abc import Sequence

from query_api.queries.query import Query, moment, of_tenant
from schemas.identity import AgentRef
from schemas.tables import TELEMETRY_TABLES, Table


def current_of_agents(tenant_id: str, agent_ids: Sequence[str], since: int | None) -> Query:
    """The newest status of each of the agents that has had one since a time in milliseconds."""
    conditions = of_tenant(tenant_id)
    conditions.add_any_of("agent_id", agent_ids)
    conditions.add_time_range("event_time", since, None)
    sql = (
        "SELECT agent_id, status, reason, event_time, last_seen_at "  # noqa: S608 - names from schemas, values bound
        f"FROM {Table.AGENT_STATUS} WHERE {conditions.sql} "
        "ORDER BY agent_id DESC, event_time DESC, last_seen_at DESC LIMIT 1 BY agent_id"
    )
    return Query(sql, conditions.parameters)


def activity(ref: AgentRef, since: int) -> Query:
    """Rows and newest arrival of each kind since a time in milliseconds.

    By arrival, which partitions the tables: only the days asked for are read.
    """
    conditions = (
        "tenant_id = {tenant_id:String} AND agent_id = {agent_id:String} "
        f"AND received_at >= {moment('since')}"
    )
    parts = [
        f"SELECT '{kind}' AS kind, count() AS events, max(received_at) AS newest "  # noqa: S608 - names from schemas, values bound
        f"FROM {telemetry.table} WHERE {conditions}"
        for kind, telemetry in TELEMETRY_TABLES.items()
    ]
    values = {"tenant_id": ref.tenant_id, "agent_id": ref.agent_id, "since": since}
    return Query(" UNION ALL ".join(parts), values)
