"""The agents of a partition: all unpacked while they are few, and else packed until they are asked for.

An unpacked state is some two hundred objects that lie scattered over ten times the memory of the packed one.
Of many agents none of these is in a cache when a record comes: the rules wait for each that they touch, and
whoever packs the state for each that there is. A packed one is read in one go, and what is made of it is
near.
"""

from collections.abc import Iterator, Mapping

from stream_processors.rules.state import AgentState, decode_agent, encode_agent
from stream_processors.state.snapshot import StateRecord, frame, unframe

# Of so many agents the states, of 13 KB each, are in a cache most of the time.
UNPACKED_AT_MOST = 256


class HeldAgents(Mapping[str, AgentState]):
    """States by their agents' keys.

    A state that was asked for may be changed until the next call of `put_away`, and not after that. When it
    is packed does not show: what is unpacked again is the same to the last bit, on which recovery rests as
    well.
    """

    def __init__(self, most: int = UNPACKED_AT_MOST) -> None:
        """Hold nobody; more agents than `most` are packed."""
        self._most = most
        self._unpacked: dict[str, AgentState] = {}
        # All agents, framed as they are written; None for those that are unpacked.
        self._packed: dict[str, bytes | None] = {}

    def __getitem__(self, key: str) -> AgentState:
        state = self.find(key)
        if state is None:
            raise KeyError(key)
        return state

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def find(self, key: str) -> AgentState | None:
        """An agent's state; None where there is none."""
        state = self._unpacked.get(key)
        if state is None:
            packed = self._packed.get(key)
            if packed is not None:
                state = self._unpacked[key] = decode_agent(unframe(packed))
                self._packed[key] = None
        return state

    def add(self, key: str, state: AgentState) -> None:
        """Hold an agent that was not held."""
        self._unpacked[key] = state
        self._packed[key] = None

    def remove(self, key: str) -> AgentState:
        """Hold an agent no more; its last state."""
        state = self[key]
        del self._unpacked[key], self._packed[key]
        return state

    def put_away(self) -> None:
        """Pack what was asked for, if there are many agents."""
        if len(self._packed) <= self._most:
            return
        while self._unpacked:
            key = next(iter(self._unpacked))
            # It goes only then: what cannot be packed has to fail again when it is to be written.
            self._packed[key] = self._framed(key)
            del self._unpacked[key]

    def record(self, key: str) -> StateRecord:
        """An agent as it is written; its fence is the offset of the last record that it absorbed."""
        return StateRecord(key, self._framed(key))

    def _framed(self, key: str) -> bytes:
        packed = self._packed[key]
        if packed is None:
            state = self._unpacked[key]
            packed = frame(state.fence, encode_agent(state))
        return packed
