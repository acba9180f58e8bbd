"""Each kind of condition, at its edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_engine.compiled import RANKS
from alert_engine.conditions import Reading, Standing, read
from alert_engine.counters import EVENTS, FAILURES, OUTCOMES, TOKENS
from schemas.alert_rules import Deviation, Escalation, Metric, Operator, Rate, Threshold
from schemas.messages.values import Severity
from tests.alert_engine.rules import HOUR, MINUTE, Agent, changes, rule

MEDIUM = RANKS[Severity.MEDIUM]


def reading(agent: Agent) -> Reading:
    agent.look()
    return read(agent.watch.rules[0], agent.state, Standing(agent.values), agent.now)


@pytest.mark.parametrize(
    ("operator", "value", "rank"),
    [
        (Operator.AT_LEAST, 0.5, MEDIUM),
        (Operator.AT_LEAST, 0.49, None),
        (Operator.AT_MOST, 0.5, MEDIUM),
        (Operator.AT_MOST, 0.51, None),
        (Operator.AT_MOST, 0.2, RANKS[Severity.CRITICAL]),
    ],
)
def test_a_threshold_is_met_at_its_value(operator: Operator, value: float, rank: int | None) -> None:
    escalation = Escalation(0.2 if operator is Operator.AT_MOST else 0.9, Severity.CRITICAL)
    agent = Agent(rule(Metric.BUDGET_SHARE, Threshold(0.5, operator, (escalation,))))
    agent.values[Metric.BUDGET_SHARE] = value
    assert reading(agent) == Reading(value, 0.5, rank)


def test_what_has_no_value_is_not_met() -> None:
    assert reading(Agent(rule(Metric.BUDGET_SHARE, Threshold(0)))) == Reading(None)


def test_a_rate_is_a_minutes() -> None:
    agent = Agent(rule(Metric.FAILURES, Rate(2), window_seconds=300))
    agent.report(FAILURES, 9)
    assert reading(agent) == Reading(1.8, 2, None)
    agent.report(FAILURES)
    assert reading(agent) == Reading(2, 2, MEDIUM)


def test_a_share_is_of_enough_events() -> None:
    agent = Agent(rule(Metric.ERROR_RATE, Threshold(0.5), least_events=4))
    agent.report(FAILURES, 3)
    agent.report(OUTCOMES, 3)
    assert reading(agent) == Reading(None)
    agent.report(OUTCOMES, 1)
    assert reading(agent) == Reading(0.75, 0.5, MEDIUM)


def usual(agent: Agent, hours: int, tokens: int) -> list[str]:
    found = []
    for hour in range(hours):
        for _ in range(6):
            agent.report(TOKENS, tokens + hour % 3)
            found += changes(agent.look())
            agent.wait(10 * MINUTE)
    return found


def test_a_z_score_needs_a_past_and_is_met_far_above_it() -> None:
    agent = Agent(rule(Metric.TOKENS, Deviation(4.0, 12, 1000.0), window_seconds=3600))
    agent.now -= agent.now % HOUR
    assert usual(agent, 11, 100) == []
    agent.report(TOKENS, 100_000)
    assert changes(agent.look()) == []
    agent = Agent(rule(Metric.TOKENS, Deviation(4.0, 12, 1000.0), window_seconds=3600))
    agent.now -= agent.now % HOUR
    assert usual(agent, 14, 100) == []
    agent.report(TOKENS, 300)
    assert changes(agent.look()) == []
    agent.report(TOKENS, 900)
    assert changes(agent.look()) == ["fired"]


@given(st.integers(1, 10**9), st.integers(0, 9))
def test_no_steady_agent_deviates_from_itself(tokens: int, jitter: int) -> None:
    agent = Agent(rule(Metric.TOKENS, Deviation(), window_seconds=3600))
    agent.now -= agent.now % HOUR
    for hour in range(30):
        agent.report(TOKENS, tokens + tokens * (hour % 3) * jitter // 1000)
        assert agent.look() == []
        agent.now += HOUR


def test_windows_without_any_report_are_not_learnt() -> None:
    agent = Agent(rule(Metric.TOKENS, Deviation(4.0, 3), window_seconds=3600))
    for _ in range(3):
        agent.report(TOKENS, 100)
        agent.look()
        agent.now += 50 * HOUR
    agent.report(EVENTS)
    agent.look()
    assert next(iter(agent.state.baselines.values())).windows == 3
