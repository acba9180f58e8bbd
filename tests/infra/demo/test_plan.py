"""The plan: repeatable, a few misbehave, and what is planned is what the rules will see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo.plan import (
    HEARTBEAT_SECONDS,
    MIN_SECONDS_FOR_SILENCE,
    MISCONDUCT,
    RETURN_SECONDS,
    AgentPlan,
    Conduct,
    Episode,
    Trade,
    plan,
)
from schemas.derived import AlertState, OnlineStatus
from tests.stream_processors.rules.log_builder import SECOND, World, alerts, heartbeat, statuses

seeds = st.integers(-(2**63), 2**63)
fleets = st.integers(1, 100)
lengths = st.floats(5, 3600)


@given(seeds, fleets, lengths)
def test_the_same_arguments_give_the_same_plan(seed: int, agents: int, seconds: float) -> None:
    first = plan(seed, agents, seconds)
    assert first == plan(seed, agents, seconds)
    assert [agent.number for agent in first] == list(range(1, agents + 1))


@given(seeds, fleets, lengths)
def test_a_few_misbehave_within_the_time(seed: int, agents: int, seconds: float) -> None:
    episodes = [agent.episode for agent in plan(seed, agents, seconds) if agent.episode]
    assert len(episodes) <= agents / 2
    assert all(0 <= episode.start < episode.end <= seconds for episode in episodes)
    if agents >= 2 * len(MISCONDUCT):
        shown = {episode.conduct for episode in episodes}
        assert shown >= set(MISCONDUCT) - ({Conduct.SILENCE} if seconds < MIN_SECONDS_FOR_SILENCE else set())


@given(seeds, st.integers(8, 100), lengths)
def test_silence_is_planned_only_where_it_can_end(seed: int, agents: int, seconds: float) -> None:
    silences = [a.episode for a in plan(seed, agents, seconds) if a.conduct is Conduct.SILENCE and a.episode]
    assert bool(silences) == (seconds >= MIN_SECONDS_FOR_SILENCE)
    assert all(silence.end <= seconds - RETURN_SECONDS + 1e-6 for silence in silences)


def test_every_trade_is_taken() -> None:
    assert {agent.trade for agent in plan(1, 3, 60)} == set(Trade)


def test_seeds_differ() -> None:
    assert len({plan(seed, 20, 60) for seed in range(20)}) == 20


def test_conduct_follows_the_episode() -> None:
    agent = AgentPlan(1, Trade.HASHING, 0, Episode(Conduct.ERROR_BURST, 2.0, 4.0))
    conducts = [agent.conduct_at(seconds) for seconds in (0, 1.9, 2.0, 3.9, 4.0)]
    good, bad = Conduct.GOOD, Conduct.ERROR_BURST
    assert conducts == [good, good, bad, bad, good]
    assert agent.conduct is bad


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("seconds", [int(MIN_SECONDS_FOR_SILENCE), 60, 120])
def test_the_rules_find_a_silent_agent_offline_and_back(seed: int, seconds: int) -> None:
    """The plan's figures fit the processors' learning of intervals, with heartbeats a little late."""
    [agent] = [a for a in plan(seed, 8, seconds) if a.conduct is Conduct.SILENCE]
    world = World()
    for second in range(int(seconds / HEARTBEAT_SECONDS)):
        if agent.conduct_at(second * HEARTBEAT_SECONDS) is not Conduct.SILENCE:
            world.send(heartbeat())
        # A fifth slower than planned: the machine is busy.
        world.wait(int(HEARTBEAT_SECONDS * SECOND * (1.2 if second < agent_start(agent) else 1)))
    assert [change.status for change in statuses(world.events)] == [
        OnlineStatus.ONLINE,
        OnlineStatus.DEGRADED,
        OnlineStatus.OFFLINE,
        OnlineStatus.ONLINE,
    ]
    assert [alert.state for alert in alerts(world.events)] == [AlertState.FIRING, AlertState.RESOLVED]


def agent_start(agent: AgentPlan) -> float:
    assert agent.episode is not None
    return agent.episode.start
