"""How reliably and how fast agents' calls went, from the roll-ups."""

from query_api.queries.query import Query, of_tenant
from query_api.resolution import Span
from schemas.messages.event import EventType
from schemas.tables import Resolution, Table, roll_up

CALLS = f"event_type IN ('{EventType.TOOL_CALL}', '{EventType.MODEL_CALL}')"
_FIGURES = (
    "sum(judged) AS calls, sum(rolled.failures) AS failures, "
    "quantilesTDigestMerge(0.5, 0.95, 0.99)(latencies) AS percentiles, sum(timed) AS timed_calls"
)


def of_calls(tenant_id: str, agent_id: str | None, span: Span, limit: int) -> Query:
    """A row for the whole, whose `agent_id` is empty, and one for each agent, the most failures first."""
    conditions = of_tenant(tenant_id)
    if agent_id is not None:
        conditions.add("agent_id = {agent_id:String}", agent_id=agent_id)
    conditions.add_time_range("bucket", span.start, span.end)
    conditions.add(CALLS)
    table = roll_up(Table.AGENT_EVENTS, Resolution(span.resolution))
    sql = (
        f"SELECT agent_id, {_FIGURES} FROM {table} AS rolled WHERE {conditions.sql} "  # noqa: S608 - names from schemas, values bound
        "GROUP BY GROUPING SETS ((), (agent_id)) "
        "ORDER BY agent_id = '' DESC, failures DESC, agent_id LIMIT {limit:UInt32}"
    )
    return Query(sql, {**conditions.parameters, "limit": limit})
