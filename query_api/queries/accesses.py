"""Who has read what, newest first."""

from dataclasses import dataclass

from query_api.cursors import EventCursor
from query_api.queries.events import newest_events
from query_api.queries.query import Query, of_tenant
from schemas.accesses import AccessAction
from schemas.identity import AgentRef
from schemas.tables import Table

_COLUMNS = "agent_id, actor_kind, actor_id, action, query, address, rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSearch:
    """What to look for: times in milliseconds; None means any."""

    start: int | None = None
    end: int | None = None
    agent_id: str | None = None
    actor_id: str | None = None
    action: AccessAction | None = None


def search(tenant_id: str, wanted: AccessSearch, cursor: EventCursor | None, limit: int) -> Query:
    """At most `limit` accesses in a tenant; those to an agent are also those to all of its tenant."""
    conditions = of_tenant(tenant_id)
    conditions.add_time_range("event_time", wanted.start, wanted.end)
    if wanted.agent_id is not None:
        conditions.add("agent_id IN ('', {agent_id:String})", agent_id=wanted.agent_id)
    if wanted.actor_id is not None:
        conditions.add("actor_id = {actor_id:String}", actor_id=wanted.actor_id)
    if wanted.action is not None:
        conditions.add("action = {action:String}", action=wanted.action.value)
    return newest_events(Table.ACCESS_AUDIT, _COLUMNS, conditions, cursor, limit)


def newest_of_agent(ref: AgentRef, limit: int) -> Query:
    """The last accesses to an agent's data."""
    return search(ref.tenant_id, AccessSearch(agent_id=ref.agent_id), None, limit)
