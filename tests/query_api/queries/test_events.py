"""Pages of derived events by keyset, one row an event."""

from query_api.cursors import EventCursor
from query_api.queries.events import newest_events
from query_api.queries.query import of_tenant
from schemas.tables import Table
from tests.query_api.queries.placeholders import placeholders


def test_copies_of_an_event_count_once() -> None:
    query = newest_events(Table.ALERTS, "rule", of_tenant("acme"), None, 11)
    assert "LIMIT 1 BY event_time, event_id LIMIT" in query.sql


def test_the_keyset_is_the_order() -> None:
    query = newest_events(Table.ALERTS, "rule", of_tenant("acme"), EventCursor(5, "e"), 11)
    assert placeholders(query) == {"tenant_id", "after_time", "after_id", "limit"}
    assert "(event_time, event_id) <" in query.sql
    assert "ORDER BY event_time DESC, event_id DESC" in query.sql
