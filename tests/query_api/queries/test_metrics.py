"""The series of an agent's reports."""

import pytest

from query_api.queries.metrics import series, series_of_buckets
from query_api.resolution import AskedResolution, Span
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


@pytest.mark.parametrize("resolution", [AskedResolution.RAW, AskedResolution.MINUTE, AskedResolution.DAY])
def test_a_series_is_bound_at_each_resolution(resolution: AskedResolution) -> None:
    query = series_of_buckets(AgentRef("acme", "scout"), Span(0, 9, resolution))
    assert placeholders(query) == {"tenant_id", "agent_id", "start", "end"}
