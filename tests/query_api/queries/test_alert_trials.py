"""Every value of a trial's query is bound, and only what it names is given."""

import pytest

from query_api.queries.alert_trials import Span, points, spending
from schemas.alert_rules import AlertRuleTerms, Metric, Threshold
from tests.query_api.queries.placeholders import placeholders

LEVELS = ("untrusted", "trusted")


@pytest.mark.parametrize("metric", sorted(set(Metric) - {Metric.BUDGET_SHARE}))
@pytest.mark.parametrize("agents", [None, ["a"]])
@pytest.mark.parametrize("together", [False, True])
def test_what_is_bound_is_what_is_named(metric: Metric, agents: list[str] | None, together: bool) -> None:
    terms = AlertRuleTerms(metric, Threshold(1), currency="USD")
    query = points("acme", terms, Span(1, 2, 5000, agents, together), LEVELS, 10)
    assert placeholders(query) == set(query.parameters)
    assert ("agents" in query.parameters) is (agents is not None)
    assert query.parameters["tenant_id"] == "acme"


@pytest.mark.parametrize("agents", [None, ["a"]])
def test_what_spending_binds_is_what_it_names(agents: list[str] | None) -> None:
    query = spending("acme", Span(1, 2, 5000, agents), 10)
    assert placeholders(query) == set(query.parameters)
    assert ("agents" in query.parameters) is (agents is not None)
    assert query.parameters["tenant_id"] == "acme"
