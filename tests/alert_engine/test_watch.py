"""What has to be counted is what some rule reads, once."""

from alert_engine.counters import FAILURES, LOG_ERRORS, OUTCOMES
from alert_engine.watch import NOBODY, Watch
from schemas.alert_rules import Absence, Deviation, Metric, Rate, Threshold
from tests.alert_engine.rules import rule


def test_needs_are_shared_by_rules() -> None:
    watch = Watch(
        [
            rule(name="b"),
            rule(Metric.ERROR_RATE, name="a"),
            rule(Metric.SPEND, name="c", currency="EUR"),
            rule(Metric.LATENCY_P95, Threshold(300), name="d"),
            rule(Metric.LATENCY_P95, Threshold(200), name="e"),
            rule(Metric.EVENTS, Absence(), name="f"),
            rule(Metric.TOKENS, Deviation(), name="g"),
        ]
    )
    assert [one.rule_id for one in watch.rules] == list("abcdefg")
    assert [len(watch.counters[place]) for place in (FAILURES, OUTCOMES, LOG_ERRORS)] == [1, 1, 0]
    assert (watch.currencies, watch.missed, watch.slow_from) == (frozenset({"EUR"}), ("events",), 200)
    assert len(watch.durations) == len(watch.money) == len(watch.baselines) == 1


def test_only_rules_about_good_news_are_eager() -> None:
    assert Watch([rule(Metric.OUTCOMES)]).eager
    assert Watch([rule(Metric.EVENTS, Rate(100))]).eager
    assert not Watch([rule(Metric.EVENTS, Absence()), rule(Metric.TOKENS)]).eager


def test_nobody_needs_nothing() -> None:
    assert (NOBODY.rules, NOBODY.keys, NOBODY.slow_from) == ((), frozenset(), 0)
