"""What is fed to a rule is what its windows come to."""

from alert_engine.agent_alerts import AgentAlerts, carry_over, value_of
from alert_engine.compiled import CompiledRule
from alert_engine.counters import EVENTS, FAILURES
from alert_engine.feeding import feed
from alert_engine.watch import Watch
from schemas.alert_rules import Metric, Threshold
from schemas.totals_block import MOST
from tests.alert_engine.rules import MINUTE, SECOND, START, rule


def fed(made: CompiledRule, *amounts: list[int]) -> tuple[AgentAlerts, float | None]:
    """Fed every four seconds, and what the window comes to then."""
    state, watch = AgentAlerts(), Watch([made])
    for place, one in enumerate(amounts):
        feed(state, watch, made, START + place * 4 * SECOND, one)
    fresh = state.fresh
    carry_over(state, watch)
    state.fresh = fresh
    return state, value_of(state, made, START + MINUTE)


def test_each_kind_of_sum_is_counted() -> None:
    assert fed(rule(Metric.FAILURES), [2], [3], [5])[1] == 10
    assert fed(rule(Metric.EVENTS), [2], [3])[1] == 5
    assert fed(rule(Metric.ERROR_RATE, Threshold(0.5)), [1, 10], [4, 10])[1] == 0.25
    assert fed(rule(Metric.SPEND, currency="EUR"), [1_500_000], [2_000_000])[1] == 3.5


def test_sums_fit_64_bits() -> None:
    assert fed(rule(Metric.TOKENS), [MOST], [MOST])[1] == float(MOST)
    assert fed(rule(Metric.SPEND, currency="EUR"), [MOST], [MOST])[1] == MOST / 1_000_000


def test_only_what_a_rule_is_about_is_new_to_it() -> None:
    failing = rule(Metric.ERROR_RATE, Threshold(0.5))
    assert fed(failing, [1, 1])[0].fresh == 1 << FAILURES
    assert fed(failing, [0, 1])[0].fresh == 0
    assert fed(rule(Metric.EVENTS), [1])[0].fresh == 1 << EVENTS
