"""An alert says in a line what was found, and what it was compared with."""

import pytest

from alert_engine.compiled import CompiledRule
from alert_engine.conditions import Reading
from alert_engine.defaults import DEFAULT_RULES
from alert_engine.life import Life
from alert_engine.looking import Occurrence
from alert_engine.telling import summary_of
from schemas.alert_rules import Absence, Deviation, Metric, Operator, Rate, Scope, ScopeKind, Threshold
from schemas.derived import AlertChange
from tests.alert_engine.rules import rule

FIRED, RESOLVED = AlertChange.FIRED, AlertChange.RESOLVED


@pytest.mark.parametrize(
    ("made", "reading", "change", "text"),
    [
        (rule(), Reading(5.0, 3.0), FIRED, "failures: 5 in 5 min (alert at 3 or more)"),
        (rule(), Reading(0.0, 3.0), RESOLVED, "no longer: failures: 0 in 5 min (alert at 3 or more)"),
        (
            rule(condition=Rate(2)),
            Reading(2.5, 2.0),
            FIRED,
            "failures: 2.5 a minute over 5 min (alert at 2 or more)",
        ),
        (rule(condition=Absence()), Reading(300.0, 300.0), FIRED, "no failures for 5 min"),
        (
            rule(Metric.TRUST_SCORE, Threshold(40, Operator.AT_MOST)),
            Reading(39.94, 40.0),
            FIRED,
            "trust score: 39.94 (alert at 40 or less)",
        ),
        (
            rule(Metric.SPEND, Deviation(), currency="USD"),
            Reading(9.0, 4.0),
            FIRED,
            "spend: 9 USD in 5 min (alert at 4 USD or more, by what is usual for the agent)",
        ),
        (
            rule(Metric.TOKENS, Deviation(), scope=Scope(ScopeKind.TOTAL)),
            Reading(9.0, 4.0),
            FIRED,
            "tokens of all agents together: 9 in 5 min (alert at 4 or more, by what is usual)",
        ),
        (rule(Metric.ERROR_RATE), Reading(None), RESOLVED, "no longer: error rate: unknown in 5 min"),
        (None, Reading(None), RESOLVED, "nothing is known of it any more: the rule or the agent is gone"),
    ],
)
def test_each_kind_has_its_text(
    made: CompiledRule | None, reading: Reading, change: AlertChange, text: str
) -> None:
    assert summary_of(Occurrence("r", made, change, reading, Life(), 1)) == text


# A value of each default rule, the limit, and what is said while it fires and when it is over.
USUAL = ", by what is usual for the agent)"
DEFAULT_TEXTS = {
    "agent_offline": (1.0, 1.0, "offline: no heartbeats for three of its intervals"),
    "budget_share": (0.85, 0.8, "spent of the daily cost cap: 85 % (alert at 80 % or more)"),
    "cost_spike": (9.25, 1.0, "spend: 9.25 USD in 60 min (alert at 1 USD or more" + USUAL),
    "critical_violation": (1.0, 1.0, "critical violations: 1 in 10 min (alert at 1 or more)"),
    "denied_call_burst": (6.0, 5.0, "denied calls: 6 in 5 min (alert at 5 or more)"),
    "error_rate": (0.625, 0.5, "error rate: 62.5 % in 5 min (alert at 50 % or more)"),
    "latency_p95": (
        61_500.0,
        60_000.0,
        "95th percentile of latency: 61500 ms in 10 min (alert at 60000 ms or more)",
    ),
    "log_error_burst": (20.0, 20.0, "log errors: 20 in 5 min (alert at 20 or more)"),
    "token_spike": (12_000.0, 10_000.0, "tokens: 12000 in 60 min (alert at 10000 or more" + USUAL),
    "trust_drop": (2.0, 1.0, "levels of trust lost: 2 (alert at 1 or more)"),
    "violation_burst": (7.0, 5.0, "violations: 7 in 5 min (alert at 5 or more)"),
}


@pytest.mark.parametrize("rule_id", DEFAULT_RULES)
def test_each_default_rule_has_plain_words(rule_id: str) -> None:
    value, limit, text = DEFAULT_TEXTS[rule_id]
    fired = Occurrence(rule_id, DEFAULT_RULES[rule_id], FIRED, Reading(value, limit), Life(), 1)
    assert summary_of(fired) == text
    over = Occurrence(rule_id, DEFAULT_RULES[rule_id], RESOLVED, Reading(0.0, limit), Life(), 1)
    expected = "no longer offline" if rule_id == "agent_offline" else "no longer: "
    assert summary_of(over).startswith(expected)
