"""Status and activity of agents."""

from query_api.queries.status import activity, current_of_agents
from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.tables import TELEMETRY_TABLES
from tests.query_api.queries.placeholders import placeholders


def test_activity_asks_every_kind_of_telemetry() -> None:
    query = activity(AgentRef("acme", "scout"), 5)
    assert placeholders(query) == {"tenant_id", "agent_id", "since"}
    for kind, telemetry in TELEMETRY_TABLES.items():
        assert f"'{kind}' AS kind" in query.sql
        assert f"FROM {telemetry.table} WHERE tenant_id" in query.sql
    assert Kind.TICK not in query.sql


def test_many_agents_are_asked_at_once() -> None:
    query = current_of_agents("acme", ["a", "b"], 5)
    assert placeholders(query) == {"tenant_id", "agent_id_values", "start"}
    assert "LIMIT 1 BY agent_id" in query.sql
