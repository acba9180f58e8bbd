"""Pages of telemetry rows by keyset."""

import uuid

from query_api.cursors import RowCursor
from query_api.queries.query import of_agent
from query_api.queries.telemetry import newest_rows
from schemas.identity import AgentRef
from schemas.tables import Table
from tests.query_api.queries.placeholders import placeholders

REF = AgentRef("acme", "scout")


def test_the_first_page_has_no_keyset() -> None:
    query = newest_rows(Table.AGENT_LOGS, "level", of_agent(REF), None, 11)
    assert placeholders(query) == {"tenant_id", "agent_id", "limit"}


def test_the_keyset_is_the_order() -> None:
    cursor = RowCursor(5, uuid.UUID(int=1), 3)
    query = newest_rows(Table.AGENT_LOGS, "level", of_agent(REF), cursor, 11)
    assert placeholders(query) == {
        "tenant_id",
        "agent_id",
        "after_time",
        "after_batch",
        "after_seq",
        "limit",
    }
    assert "(timestamp, batch_id, seq) <" in query.sql
    assert "ORDER BY timestamp DESC, batch_id DESC, seq DESC" in query.sql
