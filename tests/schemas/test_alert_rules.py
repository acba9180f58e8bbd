"""Rules and silences keep their meaning on the way through a control record."""

import msgspec
import pytest

from schemas.alert_rules import (
    COUNTED_METRICS,
    WINDOWED_METRICS,
    Absence,
    AlertRule,
    AlertRuleTerms,
    AlertSilence,
    Condition,
    Deviation,
    Escalation,
    Metric,
    Operator,
    Rate,
    Scope,
    SilenceTerms,
    Threshold,
)
from schemas.messages.values import Severity


@pytest.mark.parametrize(
    "condition",
    [
        Threshold(1.5, Operator.AT_MOST, (Escalation(0.5, Severity.HIGH),)),
        Rate(2.0),
        Absence(),
        Deviation(3.0, 5, 1.0),
    ],
)
def test_a_rule_is_read_as_it_was_written(condition: Condition) -> None:
    terms = AlertRuleTerms(Metric.FAILURES, condition, scope=Scope(labels={"team": "x"}))
    rule = AlertRule("t", "r", 1, terms, 1, "a", 2, "b")
    assert msgspec.json.decode(msgspec.json.encode(rule), type=AlertRule) == rule
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(rule), type=AlertRule) == rule


def test_a_silence_is_read_as_it_was_written() -> None:
    silence = AlertSilence("t", "s", 1, SilenceTerms(1, 2, labels={"a": "b"}), 1, "a", 2, "b")
    assert msgspec.json.decode(msgspec.json.encode(silence), type=AlertSilence) == silence


def test_what_is_counted_is_of_a_window() -> None:
    assert COUNTED_METRICS < WINDOWED_METRICS < set(Metric)
