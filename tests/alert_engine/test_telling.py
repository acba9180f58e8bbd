"""An alert says in a line what was found, and what it was compared with."""

import pytest

from alert_engine.compiled import CompiledRule
from alert_engine.conditions import Reading
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
        (rule(), Reading(5.0, 3.0), FIRED, "failures: 5 in 5 min (at least 3 alerts)"),
        (rule(), Reading(0.0, 3.0), RESOLVED, "no longer: failures: 0 in 5 min (at least 3 alerts)"),
        (
            rule(condition=Rate(2)),
            Reading(2.5, 2.0),
            FIRED,
            "failures: 2.5 a minute over 5 min (at least 2 alerts)",
        ),
        (rule(condition=Absence()), Reading(300.0, 300.0), FIRED, "no failures for 5 min"),
        (
            rule(Metric.TRUST_SCORE, Threshold(40, Operator.AT_MOST)),
            Reading(39.94, 40.0),
            FIRED,
            "trust score: 39.94 (at most 40 alerts)",
        ),
        (
            rule(Metric.SPEND, Deviation(), currency="USD"),
            Reading(9.0, 4.0),
            FIRED,
            "spend in USD: 9 in 5 min (at least 4 alerts, by what is usual for the agent)",
        ),
        (
            rule(Metric.TOKENS, Deviation(), scope=Scope(ScopeKind.TOTAL)),
            Reading(9.0, 4.0),
            FIRED,
            "tokens of all agents together: 9 in 5 min (at least 4 alerts, by what is usual)",
        ),
        (rule(Metric.ERROR_RATE), Reading(None), RESOLVED, "no longer: error rate: unknown in 5 min"),
        (None, Reading(None), RESOLVED, "nothing is known of it any more: the rule or the agent is gone"),
    ],
)
def test_each_kind_has_its_text(
    made: CompiledRule | None, reading: Reading, change: AlertChange, text: str
) -> None:
    assert summary_of(Occurrence("r", made, change, reading, Life(), 1)) == text
