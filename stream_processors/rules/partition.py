"""The agents of one partition, and what a record of the telemetry topic does to them."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from schemas.block import Block, Kind
from schemas.derived import DerivedEvent
from stream_processors.deduplication import absorb_batch
from stream_processors.rules.agent import absorb_segment, absorb_tick, next_deadline
from stream_processors.rules.evidence import decode_evidence
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.state import AgentState
from stream_processors.rules.timers import Timers

# A deadline that is due at each tick.
_AT_ONCE = 0
_NAMED_FAILURES = 3


class RuleFailedError(Exception):
    """Rules failed on some agents; the rest of the record is absorbed, and `events` is what it gave.

    What a rule has changed before it failed stays changed, and its outputs count.
    """

    def __init__(self, failures: Mapping[str, Exception], events: Sequence[DerivedEvent]) -> None:
        """`failures` by agent."""
        named = [f"{key}: {error!r}" for key, error in list(failures.items())[:_NAMED_FAILURES]]
        super().__init__(f"{len(failures)} agents, {'; '.join(named)}")
        self.failures = failures
        self.events = events


class Record(msgspec.Struct, frozen=True):
    """A record of the telemetry topic: offset, Kafka timestamp in milliseconds, and block."""

    offset: int
    timestamp: int
    block: Block


class PartitionState:
    """What the rules know of a partition: nothing but its agents' states.

    An agent's outputs depend on its own state and records alone, its clock included (the Kafka timestamp made
    monotone per agent). So agents restored from different moments catch up exactly when the log is replayed
    from the oldest: each skips what lies at or below its own fence. Timers are made anew from the states.
    For the same reason a rule that fails on one agent must not keep a record from the others.
    """

    def __init__(self, partition: int, agents: Iterable[AgentState] = ()) -> None:
        self.partition = partition
        self.agents = {state.key: state for state in agents}
        self._changed: set[str] = set()
        self._pending = {key for key, state in self.agents.items() if state.pending}
        self._timers = Timers()
        for key, state in self.agents.items():
            try:
                deadline = next_deadline(state)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - said at each tick, where it fails again
                deadline = _AT_ONCE
            self._timers.schedule(key, deadline)

    def absorb(self, record: Record) -> list[DerivedEvent]:
        """Absorb a record, in the order of offsets, and return what follows from it.

        Raises:
            InvalidMessageError: a row cannot be read; then nothing of the record is absorbed, now or in a
            replay.
            RuleFailedError: rules failed on some agents, and only on these.
            MemoryError: this state is not to be used any more.
        """
        outputs = Outputs(self.partition, record.offset)
        absorb = self._absorb_tick if record.block.kind is Kind.TICK else self._absorb_block
        if failures := absorb(record, outputs):
            raise RuleFailedError(failures, outputs.events)
        return outputs.events

    def drain_dirty(self) -> list[str]:
        """The keys of the agents that changed since the last call, sorted; what a checkpoint has to write."""
        changed = sorted(self._changed)
        self._changed.clear()
        return changed

    def _absorb_block(self, record: Record, outputs: Outputs) -> dict[str, Exception]:
        touched = set()
        failures: dict[str, Exception] = {}
        # Everything is decoded before anything is absorbed, also what a fence will skip: whether a record is
        # readable must not depend on where a replay begins.
        for evidence in decode_evidence(record.block):
            if not evidence.rows:
                continue
            segment = evidence.segment
            key = segment.agent_key
            state = self.agents.get(key)
            if state is None:
                state = self.agents[key] = AgentState(segment.tenant_id, segment.agent_id)
            if state.fence < record.offset or key in touched:
                touched.add(key)
                self._move(state, key, record)
                # A repeat too: its timer is looked at anew, as it is after a restart.
                self._pending.add(key)
                if absorb_batch(state.batches, segment, record.timestamp):
                    try:
                        absorb_segment(state, evidence, outputs)
                    except MemoryError:
                        raise
                    except Exception as error:  # noqa: BLE001 - it is this agent's alone
                        failures[key] = error
        return failures

    def _absorb_tick(self, record: Record, outputs: Outputs) -> dict[str, Exception]:
        failures: dict[str, Exception] = {}
        # In the order of keys: the history of the timers and sets must not show in the order of the outputs.
        for key in sorted(self._pending.union(self._timers.pop_due(record.timestamp))):
            state = self.agents[key]
            try:
                due = state.pending or next_deadline(state) <= record.timestamp
                if due and state.fence < record.offset:
                    self._move(state, key, record)
                    absorb_tick(state, outputs)
                deadline = next_deadline(state)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - it is this agent's alone
                failures[key] = error
                # Looked at anew at the next tick, as after a restart.
                deadline = _AT_ONCE
            if not state.pending:
                self._pending.discard(key)
            self._timers.schedule(key, deadline)
        return failures

    def _move(self, state: AgentState, key: str, record: Record) -> None:
        state.fence = record.offset
        state.clock = max(state.clock, record.timestamp)
        self._changed.add(key)
