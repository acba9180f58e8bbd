"""The series of an agent's reports."""

from query_api.queries.metrics import series
from schemas.identity import AgentRef
from schemas.messages.metrics import MetricsRow
from schemas.tables import Table
from tests.query_api.queries.placeholders import placeholders


def test_reads_one_agent_in_a_time_range() -> None:
    query = series(AgentRef("acme", "scout"), 1, 2, None, 11)
    assert placeholders(query) == {"tenant_id", "agent_id", "start", "end", "limit"}
    assert f"FROM {Table.AGENT_METRICS} WHERE" in query.sql


def test_reads_every_column_that_agents_fill() -> None:
    query = series(AgentRef("acme", "scout"), None, None, None, 11)
    assert all(column in query.sql for column in MetricsRow.__struct_fields__)
