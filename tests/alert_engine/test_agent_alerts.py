"""The tally goes into the windows that rules read, into no others, whenever it is carried over."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alert_engine.agent_alerts import AgentAlerts, carry_over, value_of
from alert_engine.counters import EVENTS, FAILURES, MONEY_UNITS, TOKENS, money_name
from alert_engine.watch import Watch
from schemas.alert_rules import Absence, Deviation, Metric, Threshold
from tests.alert_engine.rules import START, Agent, rule


def test_nothing_is_kept_that_no_rule_reads() -> None:
    agent = Agent(
        rule(Metric.FAILURES, window_seconds=60), rule(Metric.FAILURES, name="s", window_seconds=600)
    )
    agent.report(FAILURES)
    agent.look()
    assert set(agent.state.series) == {"failures/5000", "failures/50000"}
    agent.watch = Watch([rule(window_seconds=60)])
    agent.report(EVENTS)
    agent.look()
    assert set(agent.state.series) == {"failures/5000"}


def test_what_was_missed_or_compared_is_forgotten_with_its_rule() -> None:
    agent = Agent(rule(Metric.EVENTS, Absence()), rule(Metric.TOKENS, Deviation(), name="s"))
    agent.report(EVENTS)
    agent.report(TOKENS, 5)
    agent.look()
    assert (set(agent.state.last), len(agent.state.baselines)) == ({"events"}, 1)
    agent.watch = Watch([rule()])
    agent.report(EVENTS)
    agent.look()
    assert (agent.state.last, agent.state.baselines) == ({}, {})


def test_money_and_durations_are_carried_over() -> None:
    spend = rule(Metric.SPEND, Threshold(1), currency="USD")
    slow = rule(Metric.LATENCY_P95, Threshold(1), name="s", least_events=1)
    state, watch = AgentAlerts(), Watch([spend, slow])
    state.tally.grain = START // 5000
    state.tally.counters[EVENTS] = 1
    state.tally.money = {money_name("USD"): 5 * MONEY_UNITS // 2}
    state.tally.durations = {80: 3}
    carry_over(state, watch)
    assert value_of(state, spend, START) == 2.5
    assert value_of(state, slow, START) == 544.0
    assert state.tally.counters[EVENTS] == 0


@given(st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 3)), max_size=20), st.data())
def test_when_it_is_carried_over_does_not_matter(reports: list[tuple[int, int]], data: st.DataObject) -> None:
    agents = [Agent(rule(window_seconds=60)), Agent(rule(window_seconds=60))]
    for gap, amount in reports:
        for agent in agents:
            agent.now += gap
            agent.report(FAILURES, amount)
        if data.draw(st.booleans()):
            carry_over(agents[0].state, agents[0].watch)
    for agent in agents:
        carry_over(agent.state, agent.watch)
    assert msgspec.msgpack.encode(agents[0].state) == msgspec.msgpack.encode(agents[1].state)
