"""A partition's history: repeats, fences, and restarts that nobody can tell from a run without."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.block import Block, Kind
from schemas.derived import DerivedEvent
from schemas.errors import InvalidMessageError
from stream_processors.rules import partition
from stream_processors.rules.agent import absorb_segment, absorb_tick, next_deadline
from stream_processors.rules.evidence import SegmentEvidence
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.partition import PartitionState, Record, RuleFailedError
from stream_processors.rules.state import AgentState, decode_agent, encode_agent
from tests.stream_processors.rules.log_builder import (
    DAY,
    MINUTE,
    SECOND,
    START,
    Log,
    Request,
    World,
    heartbeat,
    log,
    metrics,
    violation,
)
from tests.stream_processors.rules.random_logs import AGENTS, EXAMPLES, logs


def packed(state: PartitionState) -> dict[str, bytes]:
    return {key: encode_agent(agent) for key, agent in sorted(state.agents.items())}


def restored(snapshot: dict[str, bytes]) -> PartitionState:
    return PartitionState(0, [decode_agent(agent) for agent in snapshot.values()])


def run(state: PartitionState, records: list[Record]) -> list[list[DerivedEvent]]:
    return [state.absorb(record) for record in records]


@settings(max_examples=EXAMPLES)
@given(logs())
def test_a_restart_anywhere_changes_nothing(records: list[Record]) -> None:
    whole = PartitionState(0)
    snapshots, expected = [packed(whole)], []
    for record in records:
        expected.append(whole.absorb(record))
        snapshots.append(packed(whole))
    for split, snapshot in enumerate(snapshots):
        second = restored(snapshot)
        assert run(second, records[split:]) == expected[split:]
        assert packed(second) == snapshots[-1]


@settings(max_examples=EXAMPLES)
@given(logs(), st.data())
def test_agents_restored_from_different_moments_catch_up(records: list[Record], data: st.DataObject) -> None:
    """A checkpoint written in part: each agent comes from a moment of its own, and all is replayed."""
    whole = PartitionState(0)
    snapshots = [packed(whole)]
    expected = []
    for record in records:
        expected.append(whole.absorb(record))
        snapshots.append(packed(whole))
    torn, moments = {}, [0]
    for agent in AGENTS:
        moment = data.draw(st.integers(0, len(records)))
        key = f"default/{agent}"
        if key in snapshots[moment]:
            torn[key] = snapshots[moment][key]
            moments.append(moment)
    state = restored(torn)
    replayed = run(state, records)
    assert packed(state) == packed(whole)
    assert replayed[max(moments) :] == expected[max(moments) :]
    for again, once in zip(replayed, expected, strict=True):
        assert {event.id: event for event in again}.items() <= {event.id: event for event in once}.items()


@settings(max_examples=EXAMPLES)
@given(logs())
def test_a_second_run_over_the_same_log_changes_nothing(records: list[Record]) -> None:
    state = PartitionState(0)
    run(state, records)
    once = packed(state)
    assert run(state, records) == [[] for _ in records]
    assert packed(state) == once


@settings(max_examples=EXAMPLES)
@given(logs())
def test_ids_are_unique(records: list[Record]) -> None:
    ids = [event.id for events in run(PartitionState(0), records) for event in events]
    assert len(ids) == len(set(ids))


@settings(max_examples=EXAMPLES)
@given(logs())
def test_agents_do_not_influence_each_other(records: list[Record]) -> None:
    together = PartitionState(0)
    run(together, records)
    for agent in AGENTS:
        alone = PartitionState(0)
        for record in records:
            alone.absorb(only(record, agent))
        key = f"default/{agent}"
        assert packed(alone).get(key) == packed(together).get(key)


def only(record: Record, agent: str) -> Record:
    kept = [(segment, data) for segment, data in record.block.rows_of_segments() if segment.agent_id == agent]
    block = Block(
        record.block.kind, tuple(segment for segment, _ in kept), b"".join(bytes(data) for _, data in kept)
    )
    return Record(record.offset, record.timestamp, block)


def test_a_repeated_batch_changes_nothing_but_the_fence() -> None:
    world = World()
    world.send(log("error"), log(), key=7)
    world.wait(SECOND)
    agent = world.state.agents["default/a"]
    before = msgspec.structs.replace(agent)
    world.now += MINUTE
    assert world.send(log("error"), log(), key=7) == []
    assert encode_agent(agent) == encode_agent(
        msgspec.structs.replace(before, fence=agent.fence, clock=agent.clock)
    )


def test_two_requests_of_one_agent_in_one_record_both_count() -> None:
    state = PartitionState(0)
    record = Log().record(START, Request("a", [violation("low")]), Request("a", [violation("low", "other")]))
    events = state.absorb(record)
    assert state.agents["default/a"].violations.pressures[0] == pytest.approx(0.04)
    assert len({event.id for event in events}) == len(events)


def test_an_unreadable_record_is_refused_and_leaves_no_trace() -> None:
    world = World()
    world.send(log())
    before = packed(world.state)
    good = world.log.record(world.now, Request("a", [log()]), Request("b", [log()]))
    value = good.block.value.replace(b'"level":"info"', b'"level":42    ')
    broken = Block(Kind.LOG, good.block.segments, value)
    with pytest.raises(InvalidMessageError):
        world.state.absorb(Record(good.offset, good.timestamp, broken))
    assert packed(world.state) == before


def test_what_changed_is_drained_once() -> None:
    world = World()
    world.send(heartbeat(), agent="b")
    world.send(metrics(1.0), agent="a")
    assert world.state.drain_dirty() == ["default/a", "default/b"]
    assert world.state.drain_dirty() == []
    world.wait(SECOND)
    assert world.state.drain_dirty() == []
    world.wait(MINUTE)
    assert world.state.drain_dirty() == ["default/a", "default/b"]


def test_an_agent_without_rows_does_not_begin_to_exist() -> None:
    state = PartitionState(0)
    record = Log().record(START, Request("a", [log()]))
    segment = msgspec.structs.replace(record.block.segments[0], lines=0, size=0)
    assert state.absorb(Record(0, START, Block(Kind.LOG, (segment,), b""))) == []
    assert state.agents == {}


FAILING = f"default/{AGENTS[0]}"


def break_rules(patch: pytest.MonkeyPatch) -> None:
    """Let rules fail on one agent now and then: before and after what they do, and in between."""

    def fail(state: AgentState, remainder: int) -> None:
        if state.key == FAILING and state.fence % 4 == remainder:
            raise ZeroDivisionError(remainder)

    def segment(state: AgentState, evidence: SegmentEvidence, outputs: Outputs) -> None:
        fail(state, 0)
        absorb_segment(state, evidence, outputs)
        fail(state, 1)

    def tick(state: AgentState, outputs: Outputs) -> None:
        fail(state, 0)
        absorb_tick(state, outputs)
        fail(state, 2)

    def deadline(state: AgentState) -> int:
        fail(state, 3)
        return next_deadline(state)

    patch.setattr(partition, "absorb_segment", segment)
    patch.setattr(partition, "absorb_tick", tick)
    patch.setattr(partition, "next_deadline", deadline)


Outcome = tuple[Sequence[DerivedEvent], list[str]]


def run_with_failures(state: PartitionState, records: list[Record]) -> list[Outcome]:
    """What each record gives, and on whom rules failed."""
    outcomes: list[Outcome] = []
    for record in records:
        try:
            outcomes.append((state.absorb(record), []))
        except RuleFailedError as error:
            outcomes.append((error.events, list(error.failures)))
    return outcomes


@settings(max_examples=EXAMPLES)
@given(logs())
def test_a_rule_that_fails_on_an_agent_changes_nothing_for_others(records: list[Record]) -> None:
    sound = PartitionState(0)
    expected = run(sound, records)
    state = PartitionState(0)
    with pytest.MonkeyPatch.context() as patch:
        break_rules(patch)
        outcomes = run_with_failures(state, records)
    for (events, failing), once in zip(outcomes, expected, strict=True):
        assert set(failing) <= {FAILING}
        assert of_others(events) == of_others(once)
    assert {k: v for k, v in packed(state).items() if k != FAILING} == {
        k: v for k, v in packed(sound).items() if k != FAILING
    }


@settings(max_examples=EXAMPLES)
@given(logs())
def test_a_restart_changes_nothing_where_rules_fail(records: list[Record]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_rules(patch)
        whole = PartitionState(0)
        snapshots, expected = [packed(whole)], []
        for record in records:
            expected += run_with_failures(whole, [record])
            snapshots.append(packed(whole))
        for split, snapshot in enumerate(snapshots):
            second = restored(snapshot)
            assert run_with_failures(second, records[split:]) == expected[split:]
            assert packed(second) == snapshots[-1]


@pytest.mark.parametrize("rule", ["absorb_segment", "absorb_tick", "next_deadline"])
def test_want_of_memory_is_nobodys_failure(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    world = World()
    world.send(log())
    records = [world.log.record(START, Request("a", [log()])), world.log.tick(START + DAY)]
    monkeypatch.setattr(partition, rule, fail)
    with pytest.raises(MemoryError):
        run(world.state, records)


def test_want_of_memory_is_nobodys_failure_at_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    world = World()
    world.send(log())
    monkeypatch.setattr(partition, "next_deadline", fail)
    with pytest.raises(MemoryError):
        restored(packed(world.state))


def of_others(events: Sequence[DerivedEvent]) -> list[DerivedEvent]:
    return [event for event in events if f"{event.data.tenant_id}/{event.data.agent_id}" != FAILING]
