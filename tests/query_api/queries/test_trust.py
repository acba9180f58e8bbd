"""Trust as it stands and as it went."""

from query_api.queries.trust import current, current_of_agents, history
from schemas.derived import TrustScore
from schemas.identity import AgentRef
from tests.query_api.queries.placeholders import placeholders

REF = AgentRef("acme", "scout")


def test_the_current_score_is_one_row_with_everything() -> None:
    query = current(REF, 1, None)
    assert placeholders(query) == {"tenant_id", "agent_id", "start"}
    assert placeholders(current(REF, None, 1)) == {"tenant_id", "agent_id", "end"}
    assert query.sql.endswith("LIMIT 1")
    shown = set(TrustScore.__struct_fields__) - {"tenant_id", "agent_id"}
    assert all(column in query.sql for column in shown)


def test_the_history_has_a_time_range() -> None:
    assert placeholders(history(REF, 1, 2, None, 11)) == {"tenant_id", "agent_id", "start", "end", "limit"}


def test_many_agents_are_asked_at_once() -> None:
    query = current_of_agents("acme", ["a", "b"], 5)
    assert placeholders(query) == {"tenant_id", "agent_id_values", "start"}
    assert "LIMIT 1 BY agent_id" in query.sql
