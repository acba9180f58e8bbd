"""A rule says the same in the API as on its topic; what contradicts itself is refused with the reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from query_api.resources.alert_rules import AlertRuleBody, details_of_rule
from schemas.alert_rules import AlertRule

FAILURES = {"metric": "failures", "condition": {"kind": "threshold", "value": 1}}


@pytest.mark.parametrize(
    "body",
    [
        FAILURES,
        {
            **FAILURES,
            "scope": {"agents": ["a*"], "labels": {"team": "x"}},
            "for_seconds": 5,
            "enabled": False,
        },
        {"metric": "events", "condition": {"kind": "rate", "per_minute": 0.5}},
        {"metric": "events", "condition": {"kind": "absence"}, "window_seconds": 86400},
        {
            "metric": "error_rate",
            "condition": {"kind": "threshold", "value": 0.5},
            "scope": {"kind": "total", "labels": {"team": "x"}},
        },
        {"metric": "spend", "currency": "EUR", "condition": {"kind": "z_score", "least_value": 2}},
        {
            "metric": "trust_score",
            "condition": {
                "kind": "threshold",
                "value": 50,
                "operator": "at_most",
                "escalations": [{"value": 20, "severity": "critical"}],
            },
        },
    ],
)
def test_what_is_written_is_shown(body: dict[str, Any]) -> None:
    rule = AlertRule("t", "r", 3, AlertRuleBody.model_validate(body).terms(), 1, "ada", 2, "bob")
    details = details_of_rule(rule, is_default=False)
    assert details.terms() == rule.terms
    shown = details.model_dump(mode="json")
    assert (shown["version"], shown["created_by"], shown["changed_by"]) == (3, "ada", "bob")
    assert {name: shown[name] for name in ("metric",)} == {"metric": body["metric"]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"windows": 5}, "Extra inputs"),
        ({"window_seconds": 90}, "multiple of 60"),
        ({"window_seconds": 0}, "greater than or equal to 60"),
        ({"scope": {"kind": "total"}, "metric": "trust_score"}, "trust_score is each agent's own"),
        ({"scope": {"kind": "total"}, "metric": "latency_p95"}, "a rule may look at critical_violations"),
        ({"scope": {"agents": []}}, "at least 1 item"),
        ({"scope": {"labels": {"a b": "x"}}}, "match pattern"),
        (
            {"metric": "trust_score", "condition": {"kind": "rate", "per_minute": 1}},
            "are of what is counted",
        ),
        ({"metric": "latency_p95", "condition": {"kind": "absence"}}, "latency_p95 is not"),
        ({"metric": "offline", "condition": {"kind": "z_score"}}, "z_score is of what comes in a window"),
        ({"metric": "spend"}, "the metric spend needs one"),
        ({"currency": "USD"}, "no other metric has one"),
        ({"condition": {"kind": "threshold", "value": float("nan")}}, "finite number"),
        ({"condition": {"kind": "guess"}}, "does not match any of the expected tags"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        AlertRuleBody.model_validate({**FAILURES, **change})
