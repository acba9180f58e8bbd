"""Steps and runs are asked for within a tenant, and everything is bound."""

import uuid

from query_api.cursors import RunCursor, StepCursor
from query_api.queries.runs import StepSearch, runs, steps, steps_of_run
from schemas.identity import AgentRef
from schemas.messages.event import EventType
from tests.query_api.queries.placeholders import placeholders


def test_each_filter_is_bound() -> None:
    wanted = StepSearch(
        start=1,
        end=2,
        agent_id="a",
        types=[EventType.DECISION],
        run_id="r",
        tool_name="' OR 1",
        decision="deny",
        success=False,
    )
    query = steps("acme", wanted, StepCursor(7, uuid.uuid4(), 1), 5)
    bound = {"tenant_id", "agent_id", "run_id", "tool_name", "decision", "success", "after_time"}
    assert placeholders(query) >= bound
    assert "OR 1" not in query.sql
    assert placeholders(steps("acme", StepSearch(), None, 5)) == {"tenant_id", "limit"}


def test_a_run_is_an_agents() -> None:
    assert placeholders(steps_of_run(AgentRef("acme", "scout"), "r")) == {"tenant_id", "agent_id", "run_id"}


def test_runs_are_of_a_time() -> None:
    query = runs("acme", StepSearch(start=1, agent_id="a"), RunCursor(7, "a", "r"), 5)
    assert placeholders(query) == {
        *("tenant_id", "agent_id", "start", "limit", "after_time", "after_agent", "after_run"),
    }
