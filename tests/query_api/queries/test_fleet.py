"""Every part of the overview is asked for within the tenant."""

import pytest

from query_api.queries import fleet
from query_api.queries.query import Query
from tests.query_api.queries.placeholders import placeholders


@pytest.mark.parametrize(
    "query",
    [
        fleet.statuses("acme", ["a"], 10**12),
        fleet.scores("acme", ["a"], 10**12),
        fleet.open_alerts("acme"),
        fleet.violations("acme", 5),
        fleet.logs("acme", 5),
        fleet.calls("acme", 5),
    ],
    ids=["statuses", "scores", "alerts", "violations", "logs", "calls"],
)
def test_the_tenant_is_asked_for(query: Query) -> None:
    assert placeholders(query) <= {"tenant_id", "start", "agent_id_values"}
    assert query.parameters["tenant_id"] == "acme"
    assert "tenant_id = {tenant_id:String}" in query.sql
