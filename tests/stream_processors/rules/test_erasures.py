"""An erased agent's state ends where the log says so, in every replay alike, and nobody else's does."""

from schemas.erasures import ErasedAgent, ErasureState
from schemas.topics import Topic
from stream_processors.rules.partition import PartitionState
from stream_processors.rules.state import decode_agent, encode_agent
from tests.stream_processors.rules.log_builder import START, World, log

ERASED = ErasedAgent("default", "e1", "a", ErasureState.RUNNING)


def erase(world: World, version: int = 1) -> None:
    assert world.put(world.log.control(START, Topic.ERASURES, "e1", version, ERASED)) == []


def test_an_erased_agent_is_forgotten_and_its_records_are_ended() -> None:
    world = World()
    world.send(log(), agent="a")
    world.send(log(), agent="b")
    world.state.drain_changed()
    erase(world)
    assert set(world.state.agents) == {"default/b"}
    assert world.state.drain_ended() == ["default/a"]
    assert world.state.drain_ended() == []
    [(key, offset)] = world.state.drain_forgotten()
    assert (key, offset) == ("default/a", 2)
    assert world.state.histories[Topic.ERASURES].version("default/e1") == 1


def test_what_comes_later_is_another_agents() -> None:
    world = World()
    world.send(log(), agent="a")
    erase(world)
    world.send(log(), agent="a")
    assert world.state.agents["default/a"].fence == 2


def test_a_replay_does_not_erase_what_came_later() -> None:
    world = World()
    world.send(log(), agent="a")
    erased = world.log.control(START, Topic.ERASURES, "e1", 1, ERASED)
    world.put(erased)
    world.send(log(), agent="a")
    restored = PartitionState(0, [decode_agent(encode_agent(world.state.agents["default/a"]))])
    restored.absorb(erased)
    assert set(restored.agents) == {"default/a"}


def test_an_agent_that_is_not_known_here_is_ended_all_the_same() -> None:
    world = World()
    erase(world)
    assert world.state.drain_ended() == ["default/a"]


def test_the_labels_of_an_erased_agent_are_forgotten_also_those_before() -> None:
    world = World()
    for version in (1, 2):
        world.put(world.log.labels(START, version, "a", {"team": str(version)}))
    world.put(world.log.labels(START, 1, "b", {"team": "x"}))
    erase(world)
    labels = world.state.histories[Topic.AGENTS]
    assert [version.key for version in labels.all()] == ["default/b"]
    assert [key for key, _ in labels.drain_gone()] == ["default/a/0", "default/a/1"]
