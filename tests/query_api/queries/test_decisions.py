"""Decisions are asked for by any of their facts, and everything is bound."""

import pytest

from policy_engine.findings import DECISIONS, Decision
from query_api.cursors import DecisionCursor
from query_api.queries.decisions import WORDS, DecisionSearch, DecisionSource, search
from schemas.policy import PolicyRule
from schemas.tables import Table
from tests.query_api.queries.placeholders import placeholders


def test_both_sources_are_asked_unless_one_is_meant() -> None:
    both = search("acme", DecisionSearch(start=0, end=9), None, 11)
    assert placeholders(both) == {"tenant_id", "start", "end", "detected", "limit"}
    assert f"FROM {Table.POLICY_VIOLATIONS} " in both.sql
    assert f"FROM {Table.AGENT_EVENTS} " in both.sql
    own = search("acme", DecisionSearch(start=0, end=9, source=DecisionSource.AGENT), None, 11)
    assert str(Table.POLICY_VIOLATIONS) not in own.sql
    of_policy = search("acme", DecisionSearch(start=0, end=9, policy_id="p"), None, 11)
    assert str(Table.AGENT_EVENTS) not in of_policy.sql


def test_what_a_policy_would_have_been_told_by_an_agent_is_nothing() -> None:
    none = search(
        "acme", DecisionSearch(start=0, end=9, source=DecisionSource.AGENT, policy_id="p"), None, 11
    )
    assert placeholders(none) == {"limit"}
    assert "WHERE false" in none.sql


@pytest.mark.parametrize("decision", Decision)
def test_a_decision_is_rules_of_policies_and_words_of_agents(decision: Decision) -> None:
    query = search("acme", DecisionSearch(start=0, end=9, decisions=[decision]), None, 11)
    assert query.parameters["rules"] == [rule for rule in PolicyRule if DECISIONS[rule] is decision]
    assert query.parameters["words"] == list(WORDS[decision])


def test_filters_and_the_cursor_are_bound() -> None:
    wanted = DecisionSearch(start=0, end=9, agent_id="' OR 1", policy_id="' OR 1")
    query = search("acme", wanted, DecisionCursor(5, "' OR 1"), 11)
    assert placeholders(query) >= {"agent_id", "policy_id", "after_time", "after_id"}
    assert "OR 1" not in query.sql
