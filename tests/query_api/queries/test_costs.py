"""Costs are asked for by any dimensions, and everything is bound."""

from hypothesis import given
from hypothesis import strategies as st

from query_api.queries.costs import CostDimension, CostSearch, spent
from tests.query_api.queries.placeholders import placeholders


@given(st.lists(st.sampled_from(CostDimension), unique=True))
def test_any_dimensions_may_be_asked_for(by: list[CostDimension]) -> None:
    query = spent("acme", CostSearch(start=0, end=9), by, 11)
    assert placeholders(query) == {"tenant_id", "start", "end", "limit"}
    assert ("ORDER BY day DESC" in query.sql) == (CostDimension.DAY in by)


def test_filters_are_bound() -> None:
    names = {"agent_id": "a", "model": "' OR 1", "project_id": "p", "cost_center": "c", "currency": "EUR"}
    wanted = CostSearch(start=0, end=9, **names)
    query = spent("acme", wanted, [CostDimension.AGENT], 11)
    assert placeholders(query) >= {"agent_id", "model", "project_id", "cost_center", "currency"}
    assert "OR 1" not in query.sql
