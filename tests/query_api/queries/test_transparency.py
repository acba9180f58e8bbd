"""Each part is asked for within the agent, in every table."""

from query_api.queries import transparency
from schemas.identity import AgentRef
from schemas.tables import TELEMETRY_TABLES
from tests.query_api.queries.placeholders import placeholders

REF = AgentRef("acme", "scout")


def test_all_kinds_are_counted() -> None:
    for query in (transparency.collection(REF, 1, 2), transparency.oldest(REF)):
        assert all(f"FROM {telemetry.table} " in query.sql for telemetry in TELEMETRY_TABLES.values())
        assert query.sql.count("tenant_id = {tenant_id:String} AND agent_id = {agent_id:String}") == len(
            TELEMETRY_TABLES
        )
        placeholders(query)


def test_latency_and_alerts_are_the_agents() -> None:
    for query in (transparency.latency(REF, 1), transparency.alerts(REF, 1)):
        assert placeholders(query) == {"tenant_id", "agent_id", "start"}
