"""The query of a webhook's deliveries binds everything."""

from query_api.cursors import EventCursor
from query_api.queries.webhooks import DeliverySearch, deliveries
from schemas.webhooks import DeliveryOutcome
from tests.query_api.queries.placeholders import placeholders


def test_tenant_and_webhook_are_always_asked_for() -> None:
    query = deliveries("acme", DeliverySearch(webhook_id="w1"), None, 5)
    assert placeholders(query)
    assert query.parameters == {"tenant_id": "acme", "webhook_id": "w1", "limit": 5}


def test_filters_and_cursor_are_bound() -> None:
    wanted = DeliverySearch(webhook_id="w1", outcome=DeliveryOutcome.FAILED, notification_id="' OR 1")
    query = deliveries("acme", wanted, EventCursor(7, "d1"), 5)
    assert placeholders(query)
    assert query.parameters["outcome"] == "failed"
    assert query.parameters["notification_id"] == "' OR 1"
    assert "OR 1" not in query.sql
