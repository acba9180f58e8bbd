"""Alerts as they stand."""

from query_api.cursors import EventCursor
from query_api.queries.alerts import AlertSearch, current
from schemas.derived import AlertState
from schemas.messages.values import Severity
from tests.query_api.queries.placeholders import placeholders


def test_the_state_is_asked_of_the_newest_change_only() -> None:
    query = current("acme", AlertSearch(state=AlertState.FIRING), None, 11)
    assert placeholders(query) == {"tenant_id", "state", "limit"}
    assert query.sql.index("LIMIT 1 BY fingerprint") < query.sql.index("state = {state:String}")


def test_each_wish_is_bound() -> None:
    wanted = AlertSearch(
        state=AlertState.RESOLVED, severities=[Severity.HIGH], rule="agent-offline", agent_id="scout"
    )
    query = current("acme", wanted, EventCursor(5, "f"), 11)
    assert placeholders(query) == {
        "tenant_id",
        "rule",
        "agent_id",
        "state",
        "severity_values",
        "after_time",
        "after_id",
        "limit",
    }
