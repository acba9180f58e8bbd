"""Alerts fire once, carry one fingerprint, and are resolved when their cause is over."""

from collections.abc import Sequence

from schemas.derived import DerivedEvent
from tests.stream_processors.rules.log_builder import (
    HOUR,
    MINUTE,
    SECOND,
    World,
    alerts,
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


def test_further_critical_violations_only_keep_it_firing() -> None:
    world = established()
    world.send(violation("critical", "pii"))
    world.live(8 * MINUTE)
    assert "critical_violation" not in [
        rule for rule, _, _ in changes(world.send(violation("critical", "pii")))
    ]
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
    assert "from trusted to restricted" in worse[0].summary
    recovered = alerts(world.live(9 * 24 * HOUR, of=3))
    assert [(alert.rule, alert.state.value) for alert in recovered] == [("trust_drop", "resolved")]
    assert recovered[0].started_at == worse[0].started_at
    assert recovered[0].fingerprint == worse[0].fingerprint


def test_a_new_agent_that_fails_drops() -> None:
    world = World()
    world.send(log())
    fell = changes(world.send(*[log("error")] * 60) + world.wait(SECOND))
    assert ("trust_drop", "firing", "critical") in fell


def test_silence_lowers_the_level_without_an_alert_of_trust() -> None:
    world = established()
    events = world.wait(HOUR, step=10 * SECOND)
    assert {rule for rule, _, _ in changes(events)} == {"agent_offline"}
    assert world.state.agents["default/a"].score.value == 49.0
