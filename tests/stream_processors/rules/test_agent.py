"""One agent's rules together: the order of what it hears, and deadlines that never busy the ticks."""

from collections import Counter
from zlib import crc32

from hypothesis import given, settings

from schemas.block import Kind
from stream_processors.rules.agent import NEW_FOR, REFRESH, REFRESH_AWAY, REFRESH_NEW, next_deadline
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.state import AgentState
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    World,
    cost,
    event,
    heartbeat,
    log,
    metrics,
    scores,
    statuses,
)
from tests.stream_processors.rules.random_logs import EXAMPLES, logs


@settings(max_examples=EXAMPLES)
@given(logs())
def test_after_a_tick_nothing_is_due_any_more(records: list[Record]) -> None:
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
        if record.block.kind is Kind.TICK:
            for agent in state.agents.values():
                assert agent.deadline > record.timestamp


@settings(max_examples=EXAMPLES)
@given(logs())
def test_no_deadline_is_missed(records: list[Record]) -> None:
    """The deadline kept is at most the true one, or a look at the next tick is asked for."""
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
        for agent in state.agents.values():
            model = state.models.at(agent.tenant_id, agent.fence)
            assert agent.pending or agent.deadline <= max(next_deadline(agent, model), record.timestamp + 1)


def is_next_turn(agent: AgentState, interval: int) -> bool:
    deadline = next_deadline(agent, DEFAULTS)
    away = deadline - agent.score.evaluated_at
    return 0 < away <= interval and (deadline - crc32(agent.agent_id.encode())) % interval == 0


def test_a_present_agent_is_looked_at_every_two_minutes_and_an_absent_one_each_hour() -> None:
    world = World()
    world.live(6 * HOUR, of=3)
    agent = world.state.agents["default/a"]
    assert is_next_turn(agent, REFRESH)
    looks = set()
    for _ in range(60):
        world.live(MINUTE, of=3)
        looks.add(agent.score.evaluated_at)
    assert len(looks) == 30
    world.wait(2 * HOUR, step=SECOND * 10)
    assert is_next_turn(agent, REFRESH_AWAY)
    world.live(HOUR)
    world.send(heartbeat("inactive"))
    world.wait(2 * SECOND)
    assert is_next_turn(agent, REFRESH_AWAY)


def test_a_new_agent_is_looked_at_more_often() -> None:
    world = World()
    world.send(log())
    agent = world.state.agents["default/a"]
    looks: list[int] = []
    for _ in range(450):
        world.wait(SECOND)
        world.send(metrics(None))
        if not looks or agent.score.evaluated_at != looks[-1]:
            looks.append(agent.score.evaluated_at)
    turn = looks[1]
    assert looks[0] < turn <= looks[0] + REFRESH_NEW
    assert looks[2:4] == [turn + REFRESH_NEW, turn + 2 * REFRESH_NEW]
    assert looks[2] - looks[0] < NEW_FOR <= looks[3] - looks[0]
    assert looks[5] - looks[4] == REFRESH


def test_agents_that_begin_together_have_their_turns_one_after_the_other() -> None:
    world, agents = World(), [f"agent-{number}" for number in range(600)]
    for agent in agents:
        world.send(log(), agent=agent)
    world.wait(2 * MINUTE)
    for agent in agents:
        world.send(log(), agent=agent)
    looked_at: Counter[int] = Counter()
    for _ in range(REFRESH // SECOND):
        world.wait(SECOND)
        looked_at[world.now] = sum(
            agent.score.evaluated_at == world.now for agent in world.state.agents.values()
        )
    assert looked_at.total() == len(agents)
    assert max(looked_at.values()) < 20


def test_what_is_spent_and_calls_that_are_too_slow_show_within_half_a_minute() -> None:
    world = World()
    for _ in range(600):
        world.send(*[event(success=True, tool_name="search", latency_ms=100.0)] * 2)
        world.wait(MINUTE, step=MINUTE)
    agent = world.state.agents["default/a"]
    for row in (cost(5), event(success=True, tool_name="search", latency_ms=90_000.0)):
        looked_at = agent.score.evaluated_at
        for _ in range(20):
            world.send(row)
        assert agent.score.evaluated_at == looked_at
        assert looked_at < next_deadline(agent, DEFAULTS) <= world.now + 30 * SECOND
        world.wait(31 * SECOND)
        assert agent.score.evaluated_at > looked_at


def test_good_news_waits_for_the_next_look_and_bad_news_does_not() -> None:
    world = World()
    world.live(6 * HOUR, of=3)
    world.wait(SECOND)
    agent = world.state.agents["default/a"]
    looked_at = agent.score.evaluated_at
    world.send(log())
    world.wait(SECOND)
    assert agent.score.evaluated_at == looked_at
    world.send(log("error"))
    assert agent.score.evaluated_at == world.now


def test_bad_news_that_comes_in_hundreds_is_judged_a_few_times_a_second() -> None:
    world = World()
    world.live(6 * HOUR, of=3)
    agent = world.state.agents["default/a"]
    judged = set()
    for _ in range(100):
        world.send(log("error"))
        judged.add(agent.score.evaluated_at)
        world.now += 10
    assert 4 <= len(judged) <= 6
    assert agent.pending


def test_a_silent_agent_goes_degraded_then_offline_and_comes_back() -> None:
    world = World()
    world.live(HOUR)
    found = [(change.status.value, change.reason) for change in statuses(world.wait(HOUR, step=SECOND))]
    assert found == [("degraded", "heartbeats_missed"), ("offline", "heartbeats_missed")]
    assert [change.status.value for change in statuses(world.send(metrics(None)))] == ["online"]


def test_an_agent_in_trouble_is_degraded_until_a_heartbeat_says_otherwise() -> None:
    world = World()
    world.send(heartbeat("error"))
    world.send(log())
    assert [change.status.value for change in statuses(world.events)] == ["degraded"]
    assert [change.status.value for change in statuses(world.send(heartbeat()))] == ["online"]


def test_a_stopped_agent_is_offline_in_good_order_and_returns_with_a_heartbeat() -> None:
    world = World()
    world.live(HOUR)
    (stopped,) = statuses(world.send(heartbeat("inactive")))
    assert (stopped.status, stopped.reason) == ("offline", "stopped")
    assert statuses(world.send(log())) == []
    assert statuses(world.wait(DAY, step=MINUTE)) == []
    assert [change.status.value for change in statuses(world.send(heartbeat()))] == ["online"]


def test_several_heartbeats_in_one_request_are_judged_by_the_last() -> None:
    events = World().send(heartbeat("error"), heartbeat("inactive"), heartbeat())
    assert [change.status.value for change in statuses(events)] == ["online"]


def test_a_busy_honest_agent_is_trusted_like_a_quiet_one() -> None:
    busy, quiet = World(), World()
    busy.live(12 * HOUR, failures=1, of=100)
    quiet.live(12 * HOUR, of=2)
    assert scores(busy.events)[-1].level == scores(quiet.events)[-1].level == "trusted"


def test_an_error_burst_lowers_trust_and_time_heals_it() -> None:
    world = World()
    world.live(12 * HOUR, of=5)
    before = scores(world.events)[-1].score
    burst = scores(world.live(2 * HOUR, failures=5, of=5))[-1].score
    after = scores(world.live(2 * DAY, of=5))[-1].score
    assert burst < before - 15
    assert after > burst + 10
