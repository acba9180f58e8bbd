"""Every value of a trial's query is bound, and only what it names is given."""

import pytest

from query_api.queries.alert_trials import TRIABLE, Span, points
from schemas.alert_rules import AlertRuleTerms, Metric, Threshold
from tests.query_api.queries.placeholders import placeholders

LEVELS = ("untrusted", "trusted")


@pytest.mark.parametrize("metric", sorted(TRIABLE))
@pytest.mark.parametrize("agents", [None, ["a"]])
@pytest.mark.parametrize("together", [False, True])
def test_what_is_bound_is_what_is_named(metric: Metric, agents: list[str] | None, together: bool) -> None:
    terms = AlertRuleTerms(metric, Threshold(1), currency="USD")
    query = points("acme", terms, Span(1, 2, 5000, agents, together), LEVELS, 10)
    assert placeholders(query) == set(query.parameters)
    assert ("agents" in query.parameters) is (agents is not None)
    assert query.parameters["tenant_id"] == "acme"


def test_what_is_not_stored_cannot_be_tried() -> None:
    assert set(Metric) - TRIABLE == {Metric.BUDGET_SHARE}
