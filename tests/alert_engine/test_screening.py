"""A screen lets every rule through that is met, and holds back most of those that are not."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_engine.agent_alerts import GRAIN, AgentAlerts, carry_over, value_of
from alert_engine.baseline import Baseline
from alert_engine.compiled import CompiledRule
from alert_engine.conditions import Standing, read
from alert_engine.counters import COUNTERS, FAILURES, OUTCOMES, TOKENS, money_name
from alert_engine.screening import screen_of
from alert_engine.series import class_of
from alert_engine.watch import Watch
from schemas.alert_rules import (
    WINDOWED_METRICS,
    Absence,
    Condition,
    Deviation,
    Metric,
    Operator,
    Rate,
    Threshold,
)
from tests.alert_engine.rules import MINUTE, START, Agent, rule

METRICS = [metric for metric in Metric if metric in WINDOWED_METRICS]
CONDITIONS: list[Callable[[float], Condition]] = [
    Threshold,
    lambda value: Threshold(value, Operator.AT_MOST),
    lambda value: Rate(value * 60_000 / 300_000),
    lambda value: Deviation(0.0, 2, value),
]
# Seconds that pass, counters, money and a duration.
Report = tuple[int, list[int], int, float]
REPORTS: st.SearchStrategy[list[Report]] = st.lists(
    st.tuples(
        st.sampled_from([1, 5, 20, 60, 200]),
        st.lists(st.integers(1, 8), min_size=COUNTERS, max_size=COUNTERS),
        st.integers(1, 4_000_000),
        st.sampled_from([10.0, 500.0, 70_000.0]),
    ),
    min_size=1,
    max_size=6,
)


def told(watch: Watch, reports: list[Report]) -> tuple[AgentAlerts, int]:
    """An agent that reported so, and what time it is then."""
    state, now = AgentAlerts(), START
    for seconds, amounts, money, milliseconds in reports:
        now += seconds * 1000
        carry_over(state, watch)
        state.tally.grain = now // GRAIN
        state.tally.counters = [*amounts]
        state.tally.money = {money_name("EUR"): money}
        state.tally.durations = {class_of(milliseconds): amounts[OUTCOMES]}
    carry_over(state, watch)
    return state, now


@pytest.mark.parametrize("metric", METRICS)
@given(REPORTS, st.sampled_from(CONDITIONS), st.integers(0, 9), st.sampled_from([0, 30, 290, 400]))
def test_no_rule_that_is_met_is_held_back(
    metric: Metric,
    reports: list[Report],
    condition: Callable[[float], Condition],
    least: int,
    later: int,
) -> None:
    """The rule's limit is what the window comes to, or what a minute of it does: just met."""
    terms: dict[str, Any] = {
        "metric": metric,
        "window_seconds": 300,
        "least_events": least,
        "currency": "EUR",
    }
    state, now = told(Watch([rule(**terms)]), reports)
    value = value_of(state, rule(**terms), now + later * 1000)
    if value is not None:
        one = rule(condition=condition(value), **terms)
        state.baselines[one.baseline_key] = Baseline(windows=2)
        reading = read(one, state, Standing({}), now + later * 1000)
        assert reading.rank is not None or one.learns
        assert screen_of(one)(state, {})


@pytest.mark.parametrize("condition", [Threshold(0), Rate(0), Deviation(0, 0)])
@pytest.mark.parametrize("metric", METRICS)
def test_one_for_which_nothing_has_come_is_not_asked(metric: Metric, condition: Condition) -> None:
    one = rule(metric, condition)
    state = AgentAlerts(baselines={one.baseline_key: Baseline()})
    assert one.rests
    assert screen_of(one)(state, {}) is False


@pytest.mark.parametrize(
    ("one", "place", "amount", "passes"),
    [
        (rule(Metric.FAILURES, Threshold(3)), FAILURES, 2, False),
        (rule(Metric.FAILURES, Threshold(3)), FAILURES, 3, True),
        (rule(Metric.FAILURES, Threshold(3)), OUTCOMES, 3, False),
        (rule(Metric.FAILURES, Rate(2), window_seconds=60), FAILURES, 1, False),
        (rule(Metric.FAILURES, Rate(2), window_seconds=60), FAILURES, 2, True),
        (rule(Metric.ERROR_RATE, Threshold(0.5), least_events=10), FAILURES, 4, False),
        (rule(Metric.ERROR_RATE, Threshold(0.5), least_events=10), FAILURES, 5, True),
        (rule(Metric.TOKENS, Deviation()), TOKENS, 10**6, False),
        (rule(Metric.TOKENS, Threshold(9, Operator.AT_MOST)), FAILURES, 1, True),
        (rule(Metric.TOKENS, Absence()), FAILURES, 1, True),
    ],
)
def test_a_rule_is_held_back_until_a_bound_reaches_it(
    one: CompiledRule, place: int, amount: int, passes: bool
) -> None:
    agent = Agent(one)
    agent.report(place, amount)
    agent.look()
    assert screen_of(one)(agent.state, {}) is passes


def test_slow_calls_pass_as_soon_as_there_is_one() -> None:
    one = rule(Metric.LATENCY_P95, Threshold(1000.0))
    for milliseconds, passes in ((100.0, False), (5000.0, True)):
        agent = Agent(one)
        agent.report(OUTCOMES)
        agent.state.tally.durations = {class_of(milliseconds): 1, class_of(1.0): 50}
        agent.now += MINUTE
        agent.look()
        assert screen_of(one)(agent.state, {}) is passes


def test_what_is_usual_has_to_be_known_and_exceeded_by_the_least_value() -> None:
    one = rule(Metric.TOKENS, Deviation(least_windows=2, least_value=10.0))
    agent = Agent(one)
    agent.report(TOKENS, 10)
    agent.look()
    for windows, passes in ((1, False), (2, True)):
        agent.state.baselines[one.baseline_key] = Baseline(windows=windows)
        assert screen_of(one)(agent.state, {}) is passes
    dearer = rule(Metric.TOKENS, Deviation(least_windows=2, least_value=11.0))
    assert screen_of(dearer)(agent.state, {}) is False


def test_what_is_nothing_of_a_window_is_compared_as_it_is() -> None:
    one, state = rule(Metric.BUDGET_SHARE, Threshold(0.8)), AgentAlerts()
    readings = [screen_of(one)(state, values) for values in ({}, {Metric.BUDGET_SHARE: 0.79})]
    assert [*readings, screen_of(one)(state, {Metric.BUDGET_SHARE: 0.8})] == [False, False, True]
