"""Conditions bind their values."""

import pytest

from query_api.queries.query import of_agent, of_tenant
from schemas.identity import AgentRef


def test_every_query_starts_with_the_tenant() -> None:
    assert of_tenant("acme").parameters == {"tenant_id": "acme"}
    assert of_agent(AgentRef("acme", "scout")).parameters == {"tenant_id": "acme", "agent_id": "scout"}


def test_values_are_bound_and_not_written() -> None:
    hostile = "x' OR 1 = 1 --"
    conditions = of_tenant(hostile)
    conditions.add_any_of("level", [hostile])
    assert hostile not in conditions.sql
    assert conditions.parameters == {"tenant_id": hostile, "level_values": [hostile]}


@pytest.mark.parametrize(
    ("start", "end", "clauses"), [(None, None, 0), (1, None, 1), (None, 2, 1), (1, 2, 2)]
)
def test_a_side_of_a_time_range_may_be_open(start: int | None, end: int | None, clauses: int) -> None:
    conditions = of_tenant("acme")
    conditions.add_time_range("timestamp", start, end)
    assert len(conditions.clauses) == 1 + clauses


def test_any_of_nothing_is_no_condition() -> None:
    conditions = of_tenant("acme")
    conditions.add_any_of("level", [])
    assert conditions.sql == "tenant_id = {tenant_id:String}"
