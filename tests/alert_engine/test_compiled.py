"""A rule knows whom it is for, and what it reads."""

from alert_engine.compiled import compile_record
from schemas.alert_rules import (
    Absence,
    AlertRule,
    AlertRuleTerms,
    Deviation,
    Metric,
    Operator,
    Scope,
    Threshold,
)
from tests.alert_engine.rules import MINUTE, rule


def test_a_scope_asks_for_id_and_all_labels() -> None:
    scope = Scope(agents=("pay-*",), labels={"team": "x", "stage": "prod"})
    made = rule(scope=scope)
    assert made.is_for("pay-1", {"team": "x", "stage": "prod", "more": "y"})
    assert not made.is_for("pay-1", {"team": "x"})
    assert not made.is_for("pay-1", {"team": "x", "stage": "test"})
    assert not made.is_for("pal-1", {"team": "x", "stage": "prod"})
    assert not made.everybodys
    assert rule().everybodys


def test_a_rule_reads_the_series_of_its_metric_and_window() -> None:
    assert rule(Metric.ERROR_RATE, window_seconds=600).keys == ("failures/50000", "outcomes/50000")
    assert rule(Metric.SPEND, currency="EUR").keys == ("spend/EUR/25000",)
    assert rule(Metric.OFFLINE).keys == ()
    assert rule(Metric.LATENCY_P95, Threshold(250)).slow_from == 250
    assert rule(Metric.TOKENS, Deviation(), window_seconds=60).baseline_key == f"tokens//{MINUTE}"


def test_only_what_is_met_by_nothing_has_to_be_asked_about_nothing() -> None:
    assert rule().rests
    assert not rule(condition=Threshold(3, Operator.AT_MOST)).rests
    assert not rule(condition=Absence()).rests
    assert not rule(Metric.OFFLINE).rests


def test_only_what_is_said_of_all_calls_or_of_too_little_is_met_by_time_alone() -> None:
    assert rule(Metric.ERROR_RATE, Threshold(0.5)).ripens
    assert rule(Metric.LATENCY_P95, Threshold(250)).ripens
    assert rule(condition=Threshold(3, Operator.AT_MOST)).ripens
    assert not rule().ripens
    # That is found out when the score is looked at, and absence has its moment.
    assert not rule(Metric.TRUST_SCORE, Threshold(50, Operator.AT_MOST)).ripens
    assert not rule(condition=Absence()).ripens


def test_a_record_is_compiled_in_its_version() -> None:
    terms = AlertRuleTerms(Metric.FAILURES, Threshold(1), for_seconds=2, cool_down_seconds=3)
    made = compile_record(AlertRule("t", "r", 7, terms, 1, "a", 1, "a"))
    assert (made.rule_id, made.version, made.for_span, made.cool_down) == ("r", 7, 2000, 3000)
