"""Each counter has one metric, and all that have evidence have a place of their own."""

from alert_engine.counters import COUNTER_OF, COUNTERS, EVIDENCE_OF, MONEY, NAMES, SLOW, money_name
from schemas.alert_rules import COUNTED_METRICS, Metric


def test_counters_are_in_the_order_of_their_names() -> None:
    assert sorted(COUNTER_OF.values()) == list(range(COUNTERS))
    assert [NAMES[place] for place in COUNTER_OF.values()] == [metric.value for metric in COUNTER_OF]
    assert set(COUNTER_OF) | {Metric.SPEND} == COUNTED_METRICS


def test_evidence_of_money_and_durations_is_kept_apart() -> None:
    assert {SLOW, MONEY}.isdisjoint(COUNTER_OF.values())
    assert EVIDENCE_OF[Metric.ERROR_RATE] == COUNTER_OF[Metric.FAILURES]
    assert money_name("USD") == "spend/USD"
