"""Agents are held packed or unpacked, which only who holds a state too long could tell."""

import pytest

from stream_processors.rules.held_agents import HeldAgents
from stream_processors.rules.state import AgentState, decode_agent, encode_agent
from stream_processors.state.snapshot import state_record, unframe


def held(count: int, most: int) -> HeldAgents:
    agents = HeldAgents(most)
    for number in range(count):
        agents.add(f"t/{number}", AgentState("t", str(number), fence=number))
        agents.put_away()
    return agents


def test_few_stay_as_they_are() -> None:
    agents = held(2, most=2)
    state = agents["t/0"]
    agents.put_away()
    assert agents.find("t/0") is state


def test_of_many_each_is_packed_and_comes_back_as_it_was_left() -> None:
    agents = held(3, most=2)
    state = agents["t/0"]
    state.clock, state.fence = 7, 9
    agents.put_away()
    again = agents["t/0"]
    assert again is not state
    assert again == state
    assert agents.record("t/0") == state_record("t/0", 9, encode_agent(state))


@pytest.mark.parametrize("most", [0, 9])
def test_what_is_written_is_the_state_as_it_is_now(most: int) -> None:
    agents = held(2, most)
    assert agents.record("t/1").fence == 1
    agents["t/1"].fence = 5
    record = agents.record("t/1")
    assert (record.key, record.fence, decode_agent(unframe(record.framed)).fence) == ("t/1", 5, 5)


@pytest.mark.parametrize("most", [0, 9])
def test_it_is_a_map_of_all_agents(most: int) -> None:
    agents = held(3, most)
    assert (len(agents), list(agents)) == (3, ["t/0", "t/1", "t/2"])
    assert agents.remove("t/1").agent_id == "1"
    assert (len(agents), "t/1" in agents, agents.find("t/1")) == (2, False, None)
    with pytest.raises(KeyError):
        agents.remove("t/1")


def test_a_state_that_cannot_be_packed_is_never_lost_unseen() -> None:
    agents = held(3, most=2)
    agents["t/0"].clock = 2**70
    with pytest.raises(OverflowError):
        agents.put_away()
    with pytest.raises(OverflowError):
        agents.record("t/0")
