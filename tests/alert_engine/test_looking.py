"""Rules are asked together: what fires, lasts, comes back and goes, and what is over with its rule."""

from hypothesis import given
from hypothesis import strategies as st

from alert_engine.counters import EVENTS, FAILURES, OUTCOMES
from alert_engine.looking import resolve_all, wake_at
from alert_engine.watch import Watch
from schemas.alert_rules import Absence, Metric, Threshold
from schemas.derived import AlertChange
from tests.alert_engine.rules import HOUR, MINUTE, SECOND, Agent, changes, rule

ACTS = st.lists(st.tuples(st.sampled_from([0, SECOND, MINUTE, 7 * MINUTE]), st.integers(0, 5)), max_size=30)


def test_a_threshold_fires_once_and_is_resolved_when_the_window_is_past() -> None:
    agent = Agent(rule(Metric.FAILURES, Threshold(3), window_seconds=60))
    agent.report(FAILURES, 2)
    assert agent.look() == []
    agent.report(FAILURES)
    (fired,) = agent.look()
    assert (fired.change.value, fired.reading.value, fired.life.count) == ("fired", 3, 1)
    assert agent.look() == []
    assert changes(agent.wait(59 * SECOND)) == []
    (resolved,) = agent.wait(10 * SECOND)
    assert (resolved.resolved, resolved.life.firing_since) == (True, fired.at)
    assert agent.state.lives == {}


def test_it_has_to_last_and_cools_down() -> None:
    agent = Agent(
        rule(Metric.FAILURES, Threshold(1), window_seconds=60, for_seconds=30, cool_down_seconds=300)
    )
    agent.report(FAILURES)
    assert changes(agent.look()) == []
    assert changes(agent.wait(29 * SECOND)) == []
    assert changes(agent.wait(SECOND)) == ["fired"]
    assert changes(agent.wait(MINUTE)) == ["resolved"]
    agent.report(FAILURES)
    assert changes(agent.look()) == []
    assert changes(agent.wait(2 * MINUTE)) == []


def test_absence_is_of_what_has_come_before_and_not_of_who_has_stopped() -> None:
    agent = Agent(rule(Metric.EVENTS, Absence(), window_seconds=600))
    assert agent.look() == []
    assert changes(agent.wait(HOUR)) == []
    agent.report(EVENTS)
    agent.look()
    assert changes(agent.wait(10 * MINUTE)) == []
    assert changes(agent.wait(10 * SECOND)) == ["fired"]
    agent.report(EVENTS)
    assert changes(agent.look()) == ["resolved"]
    agent.stopped = True
    assert changes(agent.wait(HOUR)) == []


def test_what_says_nothing_now_leaves_an_alert_as_it_is() -> None:
    agent = Agent(rule(Metric.TRUST_LEVEL, Threshold(1)))
    agent.values[Metric.TRUST_LEVEL] = 1.0
    assert changes(agent.look()) == ["fired"]
    agent.unknown, agent.values = frozenset({Metric.TRUST_LEVEL}), {}
    assert changes(agent.wait(HOUR)) == []
    agent.unknown = frozenset()
    assert changes(agent.wait(MINUTE)) == ["resolved"]


def test_alerts_of_a_rule_that_is_gone_are_resolved() -> None:
    agent = Agent(rule(name="a"), rule(name="b"))
    agent.report(FAILURES, 3)
    assert changes(agent.look()) == ["fired", "fired"]
    agent.watch = Watch([rule(name="b")])
    (resolved,) = agent.look()
    assert (resolved.rule_id, resolved.rule, resolved.resolved) == ("a", None, True)
    assert [one.rule_id for one in resolve_all(agent.state, agent.now)] == ["b"]


def test_a_silence_is_told_of_while_it_fires() -> None:
    agent = Agent(rule())
    agent.report(FAILURES, 3)
    agent.silence = "s"
    (fired,) = agent.look()
    assert (fired.change.value, fired.life.silence) == ("fired", "s")
    agent.silence = ""
    assert changes(agent.wait(MINUTE)) == ["unsilenced"]


@given(ACTS)
def test_one_life_at_a_time_and_nothing_is_forgotten_while_it_fires(acts: list[tuple[int, int]]) -> None:
    agent = Agent(rule(Metric.FAILURES, Threshold(4), window_seconds=300, cool_down_seconds=60))
    firing = False
    for gap, failures in acts:
        found = agent.wait(gap)
        if failures:
            agent.report(FAILURES, failures)
        for one in [*found, *agent.look()]:
            if one.change is AlertChange.RECURRED:
                assert firing
                continue
            assert one.resolved is firing
            firing = not firing
    assert firing is any(life.firing_since for life in agent.state.lives.values())
    assert changes(agent.wait(HOUR)) == (["resolved"] if firing else [])
    assert agent.state.lives == {}


def test_a_share_that_grows_as_successes_leave_the_window_is_found() -> None:
    agent = Agent(rule(Metric.ERROR_RATE, Threshold(0.5), window_seconds=300))
    agent.report(OUTCOMES, 10)
    agent.wait(2 * MINUTE)
    agent.report(FAILURES, 8)
    agent.report(OUTCOMES, 10)
    assert agent.look() == []
    assert changes(agent.wait(3 * MINUTE)) == []
    assert changes(agent.wait(MINUTE)) == ["fired"]
    assert changes(agent.wait(5 * MINUTE)) == ["resolved"]
    agent.look()
    # Nothing is left that time could bring about.
    assert agent.state.look_at == 0


def test_the_earliest_wish_to_be_looked_at_counts() -> None:
    agent = Agent()
    for moment in (7, 5, 9):
        wake_at(agent.state, moment)
    assert agent.state.look_at == 5
