"""The query of accesses binds everything, and knows that who reads a tenant reads each of its agents."""

from query_api.cursors import EventCursor
from query_api.queries.accesses import AccessSearch, newest_of_agent, search
from schemas.accesses import AccessAction
from schemas.identity import AgentRef
from tests.query_api.queries.placeholders import placeholders


def test_filters_and_cursor_are_bound() -> None:
    wanted = AccessSearch(start=1, end=2, agent_id="scout", actor_id="' OR 1", action=AccessAction.SQL)
    query = search("acme", wanted, EventCursor(7, "a1"), 5)
    assert placeholders(query)
    assert query.parameters["actor_id"] == "' OR 1"
    assert "OR 1" not in query.sql
    assert query.parameters["action"] == "sql"


def test_accesses_to_the_tenant_are_accesses_to_the_agent() -> None:
    query = newest_of_agent(AgentRef("acme", "scout"), 3)
    assert "agent_id IN ('', {agent_id:String})" in query.sql
    assert query.parameters == {"tenant_id": "acme", "agent_id": "scout", "limit": 3}
