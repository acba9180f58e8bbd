"""Trust of agents: as it stands and as it went."""

from collections.abc import Sequence

from query_api.cursors import EventCursor
from query_api.queries.events import newest_events
from query_api.queries.query import Query, of_agent, of_tenant
from schemas.identity import AgentRef
from schemas.tables import Table

_COLUMNS = (
    "score, level, status, confidence, low, high, as_of, reasons, ceilings, reported_trust, claim_gap, "
    "model_version"
)
_POINT_COLUMNS = "score, level, status, confidence, low, high, as_of"


def current(ref: AgentRef, start: int | None, end: int | None) -> Query:
    """The newest score of an agent in a time, with its reasons; of two at once the one that absorbed more."""
    conditions = of_agent(ref)
    conditions.add_time_range("event_time", start, end)
    sql = (
        f"SELECT event_time, {_COLUMNS} FROM {Table.TRUST_SCORES} WHERE {conditions.sql} "  # noqa: S608 - names from schemas, values bound
        "ORDER BY event_time DESC, as_of DESC LIMIT 1"
    )
    return Query(sql, conditions.parameters)


def history(
    ref: AgentRef, start: int | None, end: int | None, cursor: EventCursor | None, limit: int
) -> Query:
    """At most `limit` published scores, newest first; times in milliseconds."""
    conditions = of_agent(ref)
    conditions.add_time_range("event_time", start, end)
    return newest_events(Table.TRUST_SCORES, _POINT_COLUMNS, conditions, cursor, limit)


def current_of_agents(tenant_id: str, agent_ids: Sequence[str], since: int | None) -> Query:
    """The newest score of each of the agents that has had one since a time in milliseconds."""
    conditions = of_tenant(tenant_id)
    conditions.add_any_of("agent_id", agent_ids)
    conditions.add_time_range("event_time", since, None)
    sql = (
        "SELECT agent_id, event_time, score, level, status, as_of "  # noqa: S608 - names from schemas, values bound
        f"FROM {Table.TRUST_SCORES} WHERE {conditions.sql} "
        "ORDER BY agent_id DESC, event_time DESC, as_of DESC LIMIT 1 BY agent_id"
    )
    return Query(sql, conditions.parameters)
