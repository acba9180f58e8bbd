"""The defaults are what an operator could have written, and readable."""

import msgspec
import pytest

from alert_engine.defaults import DEFAULT_RULES, DEFAULT_TERMS
from query_api.resources.alert_rules import AlertRuleBody
from schemas.identity import is_valid_id


@pytest.mark.parametrize("name", DEFAULT_TERMS)
def test_a_default_could_be_put_by_an_operator(name: str) -> None:
    terms = DEFAULT_TERMS[name]
    assert is_valid_id(name)
    assert AlertRuleBody.model_validate(msgspec.to_builtins(terms)).terms() == terms
    assert terms.enabled
    assert terms.description


def test_there_is_one_for_each_danger_that_was_asked_for() -> None:
    assert set(DEFAULT_RULES) == {
        "agent_offline",
        "budget_share",
        "cost_spike",
        "critical_violation",
        "denied_call_burst",
        "error_rate",
        "latency_p95",
        "log_error_burst",
        "token_spike",
        "trust_drop",
        "violation_burst",
    }
    assert all(rule.everybodys and not rule.version for rule in DEFAULT_RULES.values())
