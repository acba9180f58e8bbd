"""Agents that stay away are forgotten when nothing is left against them, and not before."""

from schemas.derived import AlertState
from schemas.trust_model import TrustParameters
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.forgetting import is_forgettable
from stream_processors.rules.partition import PartitionState
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    START,
    Log,
    Request,
    World,
    alerts,
    heartbeat,
    log,
    scores,
    violation,
)

SPAN = DEFAULTS.forget_after


def away(world: World, span: int) -> None:
    world.wait(span, step=6 * HOUR)


def test_an_agent_that_stays_away_is_forgotten_after_two_months() -> None:
    world = World()
    world.live(DAY)
    away(world, SPAN - DAY)
    assert "default/a" in world.state.agents
    away(world, 2 * DAY)
    assert world.state.agents == {}
    assert [key for key, _ in world.state.drain_forgotten()] == ["default/a"]
    assert world.state.drain_forgotten() == []
    assert world.state.drain_changed() == []


def test_its_alerts_do_not_fire_for_ever() -> None:
    world = World()
    world.live(DAY)
    world.send(*[violation("high", str(number)) for number in range(3)])
    away(world, SPAN + 2 * DAY)
    last = {alert.rule: alert.state for alert in alerts(world.events)}
    assert last == {"trust_drop": AlertState.RESOLVED, "agent_offline": AlertState.RESOLVED}


def test_grave_violations_are_remembered_for_longer_than_the_tenant_asks_for() -> None:
    world = World()
    world.state.absorb(world.log.model(world.now, 1, TrustParameters(forget_after_days=1)))
    world.send(violation("critical"))
    away(world, 35 * DAY)
    assert not is_forgettable(world.state.agents["default/a"], DEFAULTS, world.now)
    away(world, 10 * DAY)
    assert world.state.agents == {}


def test_who_comes_back_is_new() -> None:
    world = World()
    world.live(DAY)
    away(world, SPAN + DAY)
    (score,) = scores(world.send(log()))
    assert (score.score, score.status) == (60.0, "provisional")


def test_who_comes_back_in_time_is_known() -> None:
    world = World()
    world.live(DAY)
    away(world, SPAN - DAY)
    first_seen = world.state.agents["default/a"].presence.first_seen
    world.send(heartbeat())
    away(world, SPAN - DAY)
    assert world.state.agents["default/a"].presence.first_seen == first_seen


def test_an_orderly_stop_is_forgotten_too() -> None:
    world = World()
    world.live(HOUR)
    world.send(heartbeat("inactive"))
    away(world, SPAN + DAY)
    assert world.state.agents == {}


def test_a_tenant_may_forget_sooner() -> None:
    world = World()
    record = world.log.model(world.now, 1, TrustParameters(forget_after_days=1))
    world.state.absorb(record)
    world.send(log())
    world.wait(2 * DAY, step=HOUR)
    assert world.state.agents == {}


def test_what_replays_below_the_fence_of_a_forgotten_agent_counts_for_nothing() -> None:
    made = Log()
    records = [made.record(START, Request("a", [log()])), made.tick(START + 70 * DAY)]
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
    gone = dict(state.drain_forgotten())
    assert gone == {"default/a": 1}
    again = PartitionState(0, forgotten=gone)
    assert [again.absorb(record) for record in records] == [[], []]
    assert again.agents == {}
    again.absorb(made.record(START + 71 * DAY, Request("a", [log()])))
    assert again.agents["default/a"].fence == 2


def test_a_suspended_agent_is_remembered_until_it_is_resumed() -> None:
    world = World()
    world.live(HOUR)
    world.suspend()
    away(world, SPAN + DAY)
    assert "default/a" in world.state.agents
    world.resume()
    away(world, DAY)
    assert world.state.agents == {}
