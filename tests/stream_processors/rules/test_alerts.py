"""Alerts fire once, carry one fingerprint, and are resolved when their cause is over."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from alert_engine.defaults import DEFAULT_TERMS
from schemas.alert_rules import Absence, AlertRuleTerms, Metric, Scope, SilenceTerms, Threshold
from schemas.derived import DerivedEvent
from schemas.policy import CostCap, PolicyTerms
from tests.stream_processors.rules.log_builder import (
    HOUR,
    MINUTE,
    SECOND,
    World,
    alerts,
    cost,
    decision,
    event,
    heartbeat,
    log,
    violation,
)


def changes(events: Sequence[DerivedEvent]) -> list[tuple[str, str, str]]:
    return [(alert.rule, alert.state.value, alert.severity.value) for alert in alerts(events)]


def established() -> World:
    world = World()
    world.live(12 * HOUR, of=5)
    assert alerts(world.events) == []
    return world


def test_a_critical_violation_fires_at_once_and_is_resolved_after_ten_quiet_minutes() -> None:
    world = established()
    fired = alerts(world.send(violation("critical", "pii")))[0]
    assert (fired.rule, fired.state, fired.ended_at) == ("critical_violation", "firing", None)
    assert fired.evidence[0].endswith(":0")
    assert changes(world.live(9 * MINUTE)) == []
    (resolved,) = alerts(world.live(2 * MINUTE))
    assert (resolved.rule, resolved.state, resolved.started_at) == (fired.rule, "resolved", fired.started_at)
    assert resolved.fingerprint == fired.fingerprint
    assert resolved.ended_at is not None


def test_a_count_of_everything_is_asked_within_half_a_minute() -> None:
    world = established()
    world.put(world.log.rule(world.now, 1, AlertRuleTerms(Metric.EVENTS, Threshold(50), window_seconds=300)))
    world.live(2 * MINUTE)
    for _ in range(60):
        world.send(log())
    assert ("r", "firing", "medium") in changes(world.wait(31 * SECOND))


def test_further_critical_violations_only_keep_it_firing() -> None:
    world = established()
    world.send(violation("critical", "pii"))
    world.live(8 * MINUTE)
    again = [
        (one.change, one.count)
        for one in alerts(world.send(violation("critical", "pii")))
        if one.rule == "critical_violation"
    ]
    assert again == [("recurred", 2)]
    assert changes(world.live(8 * MINUTE)) == []
    assert ("critical_violation", "resolved", "critical") in changes(world.live(4 * MINUTE))


def test_an_absence_fires_and_any_sign_of_life_resolves_it() -> None:
    world = established()
    assert changes(world.wait(5 * MINUTE)) == [("agent_offline", "firing", "medium")]
    assert changes(world.send(log())) == [("agent_offline", "resolved", "medium")]


def test_an_orderly_stop_is_no_alert() -> None:
    world = established()
    world.send(heartbeat("inactive"))
    assert changes(world.wait(30 * 24 * HOUR, step=HOUR)) == []


def test_a_drop_fires_grows_and_is_resolved_when_trust_is_back() -> None:
    world = established()
    assert ("trust_drop", "firing", "medium") in changes(world.send(*[violation("high", "r")] * 2))
    worse = alerts(world.send(violation("high", "s"), violation("high", "t")))
    assert [(alert.rule, alert.severity.value) for alert in worse] == [("trust_drop", "high")]
    assert (worse[0].change, worse[0].value) == ("escalated", 2)
    recovered = alerts(world.live(9 * 24 * HOUR, of=3))
    assert [(alert.rule, alert.state.value) for alert in recovered] == [("trust_drop", "resolved")]
    assert recovered[0].started_at == worse[0].started_at
    assert recovered[0].fingerprint == worse[0].fingerprint


def test_a_new_agent_that_fails_drops() -> None:
    world = World()
    world.send(log())
    fell = changes(world.send(*[log("error")] * 60) + world.wait(SECOND))
    assert ("trust_drop", "firing", "high") in fell


def test_a_burst_of_each_kind_fires_at_the_next_tick_and_names_its_events() -> None:
    world = established()
    assert changes(world.send(*[log("error")] * 20)) == []
    (fired,) = alerts(world.wait(SECOND))
    assert (fired.rule, fired.change, fired.metric, fired.value) == (
        "log_error_burst",
        "fired",
        "log_errors",
        20,
    )
    assert (fired.threshold, fired.count, fired.silenced_by) == (20, 1, "")
    assert [one.rpartition(":")[2] for one in fired.evidence] == ["19"]
    denied = world.send(*[decision("deny")] * 5) + world.wait(SECOND)
    assert ("denied_call_burst", "firing", "high") in changes(denied)
    violations = [violation("low", rule) for rule in "abcde"]
    assert ("violation_burst", "firing", "high") in changes(world.send(*violations) + world.wait(SECOND))


def test_failures_have_to_last_a_minute() -> None:
    world = established()
    found = changes(world.send(*[event(success=False)] * 20) + world.wait(50 * SECOND))
    assert "error_rate" not in [rule for rule, _, _ in found]
    world.send(*[event(success=False)] * 20)
    assert ("error_rate", "firing", "high") in changes(world.wait(20 * SECOND))


def test_a_budget_that_is_almost_spent_alerts_and_worse_when_it_is() -> None:
    world = established()
    world.put(world.log.policy(world.now, 1, PolicyTerms(daily_cost_cap=CostCap(Decimal(10), "USD"))))
    world.send(cost("8", "tool_cost", currency="USD"))
    assert ("budget_share", "firing", "medium") in changes(world.live(MINUTE))
    world.send(cost("2", "tool_cost", currency="USD"))
    assert ("budget_share", "firing", "high") in changes(world.live(MINUTE))
    assert ("budget_share", "resolved", "high") in changes(world.live(24 * HOUR))


def test_a_rule_of_ones_own_fires_for_the_agents_with_its_label_until_it_is_gone() -> None:
    world = established()
    terms = AlertRuleTerms(Metric.FAILURES, Threshold(2), scope=Scope(labels={"team": "x"}))
    world.put(world.log.rule(world.now, 1, terms, "mine"))
    assert changes(world.send(*[event(success=False)] * 2) + world.wait(SECOND)) == []
    world.put(world.log.labels(world.now, 1, "a", {"team": "x"}))
    assert changes(world.send(*[event(success=False)] * 2) + world.wait(SECOND)) == [
        ("mine", "firing", "medium")
    ]
    world.put(world.log.rule(world.now, 2, None, "mine"))
    assert ("mine", "resolved", "medium") in changes(world.live(MINUTE))


def test_a_silence_is_told_of_when_it_begins_and_ends() -> None:
    world = established()
    world.send(violation("critical", "pii"))
    terms = SilenceTerms(world.now, world.now + 5 * MINUTE, rules=("critical_*",))
    world.put(world.log.silence(world.now, 1, terms, "quiet"))
    told = [one for one in alerts(world.live(7 * MINUTE)) if one.rule == "critical_violation"]
    assert [(one.change, one.silenced_by) for one in told] == [("silenced", "quiet"), ("unsilenced", "")]


def test_an_agent_that_nobody_watches_has_no_state_for_it() -> None:
    world = World()
    for name in DEFAULT_TERMS:
        off = msgspec.structs.replace(DEFAULT_TERMS[name], enabled=False)
        world.put(world.log.rule(world.now, 1, off, name))
    world.send(violation("critical"))
    assert world.state.agents["default/a"].alerts is None
    assert alerts(world.events) == []


def test_alerts_are_resolved_before_an_agent_is_forgotten() -> None:
    world = World()
    world.send(log())
    world.wait(HOUR, step=MINUTE)
    assert changes(world.wait(70 * 24 * HOUR, step=12 * HOUR)) == [("agent_offline", "resolved", "medium")]
    assert world.state.agents == {}


def test_silence_lowers_the_level_without_an_alert_of_trust() -> None:
    world = established()
    events = world.wait(HOUR, step=10 * SECOND)
    assert {rule for rule, _, _ in changes(events)} == {"agent_offline"}
    assert world.state.agents["default/a"].score.value == 49.0


def test_a_suspended_agent_is_not_missed_and_one_that_is_resumed_not_at_once() -> None:
    world = established()
    world.suspend()
    assert changes(world.wait(2 * HOUR)) == []
    assert changes(world.resume()) == []
    assert changes(world.wait(3 * MINUTE)) == []
    assert changes(world.wait(2 * MINUTE)) == [("agent_offline", "firing", "medium")]
    assert changes(world.suspend(version=3)) == [("agent_offline", "resolved", "medium")]


def test_a_suspended_agent_is_not_missed_for_a_month() -> None:
    world = established()
    world.suspend()
    assert changes(world.wait(30 * 24 * HOUR, step=HOUR)) == []


def test_a_rule_that_misses_something_does_not_miss_it_of_a_suspended_agent() -> None:
    world = established()
    terms = AlertRuleTerms(Metric.EVENTS, Absence(), window_seconds=600)
    world.put(world.log.rule(world.now, 1, terms))
    world.live(5 * MINUTE)
    world.suspend()
    assert changes(world.wait(2 * HOUR, step=MINUTE)) == []
    world.resume()
    fired = changes(world.wait(HOUR, step=MINUTE))
    assert sorted(rule for rule, state, _ in fired if state == "firing") == ["agent_offline", "r"]


def test_a_threshold_has_one_form_whoever_wrote_it() -> None:
    """A default is written with whole numbers; what came out of a control record has floats."""
    told = []
    for own in (False, True):
        world = World()
        if own:
            terms = DEFAULT_TERMS["critical_violation"]
            world.put(world.log.rule(world.now, 1, terms, "critical_violation"))
        world.send(violation("critical"))
        (alert,) = [one for one in alerts(world.events) if one.rule == "critical_violation"]
        told.append(msgspec.json.encode(msgspec.structs.replace(alert, rule_version=0)))
    assert told[0] == told[1]
    assert b'"value":1.0,"threshold":1.0,' in told[0]
