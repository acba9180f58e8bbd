"""A trial does with stored parts what the live rules do with what comes."""

from hypothesis import given
from hypothesis import strategies as st

from alert_engine.counters import FAILURES
from alert_engine.series import class_of
from alert_engine.trial import Point, try_rule
from schemas.alert_rules import Absence, Deviation, Metric, Threshold
from tests.alert_engine.rules import HOUR, MINUTE, SECOND, START, Agent, rule

PART = 5 * SECOND


def test_an_alert_begins_and_ends() -> None:
    points = [Point(START + PART - 1, 2), Point(START + 2 * PART - 1, 3)]
    made = rule(Metric.FAILURES, Threshold(4), window_seconds=60)
    (alert,) = try_rule(made, points, START + HOUR)
    assert (alert.fired_at, alert.value, alert.threshold) == (START + 2 * PART - 1, 5, 4)
    assert alert.resolved_at is not None
    assert START + MINUTE <= alert.resolved_at <= START + MINUTE + 3 * PART


def test_what_fires_at_the_end_is_not_resolved() -> None:
    (alert,) = try_rule(rule(condition=Threshold(1)), [Point(START, 1)], START + 1)
    assert alert.resolved_at is None


def test_each_kind_of_metric_is_tried() -> None:
    share = rule(Metric.ERROR_RATE, Threshold(0.5))
    assert len(try_rule(share, [Point(START, 6, outcomes=10)], START + 1)) == 1
    money = rule(Metric.SPEND, Threshold(2), currency="USD")
    assert try_rule(money, [Point(START, 2_500_000)], START + 1)[0].value == 2.5
    slow = rule(Metric.LATENCY_P95, Threshold(100), least_events=1)
    assert len(try_rule(slow, [Point(START, durations={class_of(500.0): 9})], START + 1)) == 1
    level = rule(Metric.TRUST_LEVEL, Threshold(3))
    (alert,) = try_rule(level, [Point(START, 3), Point(START + HOUR, 2)], START + 2 * HOUR)
    assert (alert.fired_at, alert.resolved_at) == (START, START + HOUR)
    gone = rule(Metric.EVENTS, Absence())
    assert len(try_rule(gone, [Point(START, 1)], START + HOUR)) == 1
    usual = [Point(START - START % HOUR + hour * HOUR, 1000) for hour in range(20)]
    spike = rule(Metric.TOKENS, Deviation(), window_seconds=3600)
    assert try_rule(spike, usual, START + 20 * HOUR) == []
    more = [*usual, Point(usual[-1].moment + HOUR, 100_000)]
    assert len(try_rule(spike, more, more[-1].moment)) == 1


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), max_size=20))
def test_it_fires_as_often_as_an_agent_that_is_looked_at_at_the_same_moments(
    arrivals: list[tuple[int, int]],
) -> None:
    made = rule(Metric.FAILURES, Threshold(6), window_seconds=60, cool_down_seconds=30)
    agent, points, found = Agent(made), [], []
    agent.now = START + PART - 1
    for gap, amount in arrivals:
        found += agent_wait(agent, gap * PART)
        agent.report(FAILURES, amount)
        found += [one.at for one in agent.look() if one.change.value == "fired"]
        points.append(Point(agent.now, amount))
    assert [alert.fired_at for alert in try_rule(made, points, agent.now)] == found


def agent_wait(agent: Agent, span: int) -> list[int]:
    """As a trial waits: looked at exactly when it was asked for."""
    fired, end = [], agent.now + span
    while 0 < agent.state.look_at <= end:
        agent.now = agent.state.look_at
        fired += [one.at for one in agent.look() if one.change.value == "fired"]
    agent.now = end
    return fired
