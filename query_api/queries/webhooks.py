"""Deliveries of a webhook, newest first."""

from dataclasses import dataclass

from query_api.cursors import EventCursor
from query_api.queries.events import newest_events
from query_api.queries.query import Query, of_tenant
from schemas.tables import Table
from schemas.webhooks import DeliveryOutcome

_COLUMNS = (
    "notification_id, event_type, agent_id, attempt, outcome, http_status, error, duration_ms, retry_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySearch:
    """What to look for; None means any."""

    webhook_id: str
    outcome: DeliveryOutcome | None = None
    notification_id: str | None = None


def deliveries(tenant_id: str, wanted: DeliverySearch, cursor: EventCursor | None, limit: int) -> Query:
    """At most `limit` attempts of a webhook of a tenant."""
    conditions = of_tenant(tenant_id)
    conditions.add("webhook_id = {webhook_id:String}", webhook_id=wanted.webhook_id)
    if wanted.outcome is not None:
        conditions.add("outcome = {outcome:String}", outcome=wanted.outcome.value)
    if wanted.notification_id is not None:
        conditions.add("notification_id = {notification_id:String}", notification_id=wanted.notification_id)
    return newest_events(Table.WEBHOOK_DELIVERIES, _COLUMNS, conditions, cursor, limit)
