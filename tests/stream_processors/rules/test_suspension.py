"""A suspension holds from its place in the partition's log, for its own agent, and once."""

from collections.abc import Sequence

import pytest

from schemas.derived import DerivedEvent, OnlineStatus, TrustStatus
from stream_processors.rules import partition
from stream_processors.rules.agent import absorb_suspension
from stream_processors.rules.partition import RuleFailedError
from stream_processors.rules.state import AgentState
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    World,
    heartbeat,
    scores,
    statuses,
)
from tests.stream_processors.rules.test_partition import packed, restored


def told(events: Sequence[DerivedEvent]) -> list[tuple[str, str]]:
    return [(status.status.value, status.reason) for status in statuses(events)]


def test_a_suspension_is_published_at_its_place_in_the_log_and_once() -> None:
    world = World()
    world.live(HOUR)
    assert told(world.suspend()) == [("suspended", "suspended")]
    assert told(world.suspend()) == []
    assert told(world.send(heartbeat()) + world.wait(MINUTE)) == []
    assert told(world.resume()) == [("online", "seen")]
    assert told(world.suspend(version=1)) == []


def test_a_suspended_agents_score_is_that_of_one_that_stopped() -> None:
    world = World()
    world.live(12 * HOUR, of=5)
    found = scores(world.suspend() + world.wait(DAY, step=MINUTE))
    assert {score.status for score in found} == {TrustStatus.STOPPED}
    assert [(score.reasons, score.ceilings) for score in found] == [([], [])] * len(found)


def test_what_was_on_its_way_makes_no_suspended_agent_online() -> None:
    world = World()
    assert told(world.suspend()) == []
    assert told(world.send(heartbeat())) == [("suspended", "suspended")]
    assert told(world.wait(DAY, step=HOUR)) == []
    assert told(world.resume()) == [("degraded", "heartbeats_missed")]
    assert told(world.wait(HOUR, step=MINUTE)) == [("offline", "heartbeats_missed")]


def test_a_replay_of_a_suspension_that_is_absorbed_says_nothing() -> None:
    world = World()
    world.send(heartbeat())
    suspension = world.log.suspension(world.now, 1, "a", lasts=True)
    [suspended] = statuses(world.put(suspension))
    assert suspended.status is OnlineStatus.SUSPENDED
    again = restored(packed(world.state))
    assert again.absorb(suspension) == []


def test_a_rule_that_fails_on_a_suspension_harms_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for agent in ("a", "b"):
        world.send(heartbeat(), agent=agent)
    absorb = absorb_suspension

    def failing(state: AgentState, *arguments: object, **named: bool) -> None:
        if state.agent_id == "a":
            raise ValueError("a bug")
        absorb(state, *arguments, **named)  # type: ignore[arg-type] # whatever it takes

    monkeypatch.setattr(partition, "absorb_suspension", failing)
    with pytest.raises(RuleFailedError) as failed:
        world.suspend(agent="a")
    assert set(failed.value.failures) == {"default/a"}
    assert told(world.suspend(agent="b")) == [("suspended", "suspended")]
