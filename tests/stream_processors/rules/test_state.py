"""The packed state: exact, of bounded size, and refused when it is another version's."""

import msgspec
import pytest
from hypothesis import given, settings

from schemas.errors import InvalidMessageError
from stream_processors.deduplication import REMEMBERED_AT_LEAST
from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.state import STATE_VERSION, AgentState, decode_agent, encode_agent
from tests.stream_processors.rules.log_builder import MINUTE, World, heartbeat, log, violation
from tests.stream_processors.rules.random_logs import EXAMPLES, logs

# Ids of one letter; two ids of 128 letters would add 254 bytes, more than 16 batches a minute 24 bytes each.
MAX_PACKED_BYTES = 2400


@settings(max_examples=EXAMPLES)
@given(logs())
def test_packing_loses_nothing_and_stays_small(records: list[Record]) -> None:
    state = PartitionState(0)
    for record in records:
        state.absorb(record)
    for agent in state.agents.values():
        packed = encode_agent(agent)
        assert decode_agent(packed) == agent
        assert encode_agent(decode_agent(packed)) == packed
        assert len(packed) <= MAX_PACKED_BYTES


def test_no_amount_of_events_makes_the_state_grow() -> None:
    world = World()
    for number in range(3 * REMEMBERED_AT_LEAST):
        world.send(*[log("error"), log()] * 50, key=2 * number)
        world.send(*[violation(s, f"rule {number}") for s in ("critical", "high", "low")], key=2 * number + 1)
        world.send(heartbeat("error"))
        world.wait(MINUTE, step=MINUTE)
        if number == REMEMBERED_AT_LEAST:
            full = len(encode_agent(world.state.agents["default/a"]))
    assert len(encode_agent(world.state.agents["default/a"])) <= full + 16
    assert full <= MAX_PACKED_BYTES


def test_bytes_of_another_version_or_of_nothing_are_refused() -> None:
    newer = msgspec.msgpack.encode(AgentState("t", "a", version=STATE_VERSION + 1))
    with pytest.raises(InvalidMessageError, match=f"t/a has version {STATE_VERSION + 1}"):
        decode_agent(newer)
    with pytest.raises(InvalidMessageError, match="not the state"):
        decode_agent(b"\x01")


def test_a_state_knows_its_key() -> None:
    assert AgentState("t", "a").key == "t/a"
