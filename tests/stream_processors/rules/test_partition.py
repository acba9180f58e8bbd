"""A partition's history: repeats, fences, and restarts that nobody can tell from a run without."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.block import LATEST_APPEND_MS, Block, Kind, decode_block
from schemas.control_block import decode_control_rows, encode_control_block
from schemas.derived import DerivedEvent, Spend, subject_of
from schemas.errors import InvalidMessageError
from schemas.policy import PolicyTerms
from schemas.topics import Topic
from schemas.trust_model import TrustParameters
from stream_processors.rules import partition
from stream_processors.rules.agent import absorb_segment, absorb_tick
from stream_processors.rules.alert_rules import Governing
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.control_history import encode_version
from stream_processors.rules.evidence import SegmentEvidence
from stream_processors.rules.held_agents import HeldAgents
from stream_processors.rules.ledger import Ledger
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.partition import PartitionState, Record, RuleFailedError
from stream_processors.rules.partition_totals import Moment, decode_moment, encode_moment
from stream_processors.rules.state import AgentState, decode_agent, encode_agent
from stream_processors.rules.tenant_totals import decode_tenant, encode_tenant
from stream_processors.rules.trust_models import decode_models, encode_models
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

Snapshot = dict[str, bytes]
MOMENT = "#moment"
TENANT = "#tenant/"


def packed(state: PartitionState) -> Snapshot:
    models = {f"$models/{key}": encode_models(of) for key, of in sorted(state.models.tenants.items())}
    control = {
        f"${topic}/{version.entry_key}": encode_version(version)
        for topic, history in state.histories.items()
        for version in history.all()
    }
    agents = {key: encode_agent(agent) for key, agent in sorted(state.agents.items())}
    moment = state.totals.moment
    tenants = {f"{TENANT}{key}": encode_tenant(tenant) for key, tenant in sorted(state.tenants.items())}
    moments = {} if moment == Moment() else {MOMENT: encode_moment(moment)}
    return models | control | agents | tenants | moments


def restored(snapshot: Snapshot, gone: Mapping[str, int] | None = None) -> PartitionState:
    agents = [decode_agent(entry) for key, entry in snapshot.items() if key[0] not in "$#"]
    models = [decode_models(entry) for key, entry in snapshot.items() if key.startswith("$models")]
    control = {
        topic: [entry for key, entry in snapshot.items() if key.startswith(f"${topic}/")]
        for topic in PartitionState(0).histories
    }
    moment = decode_moment(snapshot[MOMENT]) if MOMENT in snapshot else None
    tenants = [decode_tenant(entry) for key, entry in snapshot.items() if key.startswith(TENANT)]
    return PartitionState(0, agents, models, gone, control, moment=moment, tenants=tenants)


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
@given(logs())
def test_it_does_not_show_when_states_are_packed(records: list[Record]) -> None:
    few, many = PartitionState(0), PartitionState(0)
    many.agents = HeldAgents(most=0)
    for record in records:
        assert many.absorb(record) == few.absorb(record)
        assert many.drain_changed() == few.drain_changed()
        assert many.drain_forgotten() == few.drain_forgotten()
    assert packed(many) == packed(few)


@settings(max_examples=EXAMPLES)
@given(logs(), st.data())
def test_entries_restored_from_different_moments_catch_up(records: list[Record], data: st.DataObject) -> None:
    """A checkpoint written in part: each entry comes from a moment of its own, and all is replayed."""
    whole = PartitionState(0)
    moments = [(packed(whole), dict[str, int]())]
    expected = []
    for record in records:
        expected.append(whole.absorb(record))
        now = packed(whole)
        gone = moments[-1][1] | dict(whole.drain_forgotten())
        moments.append((now, {key: fence for key, fence in gone.items() if key not in now}))
    torn, missing, latest = Snapshot(), dict[str, int](), 0
    control = {key for entries, _ in moments for key in entries if key[0] in "$#"}
    for key in [*(f"default/{agent}" for agent in AGENTS), *sorted(control)]:
        moment = data.draw(st.integers(0, len(records)))
        entries, gone = moments[moment]
        if key in entries:
            torn[key] = entries[key]
        elif key in gone:
            missing[key] = gone[key]
        latest = max(latest, moment)
    state = restored(torn, missing)
    replayed = run(state, records)
    assert packed(state) == packed(whole)
    assert replayed[latest:] == expected[latest:]
    for again, once in zip(replayed, expected, strict=True):
        assert {event.id: event for event in again}.items() <= {event.id: event for event in once}.items()


@settings(max_examples=EXAMPLES)
@given(logs())
def test_a_second_run_over_the_same_log_changes_nothing(records: list[Record]) -> None:
    state = PartitionState(0)
    run(state, records)
    assume(not state.drain_forgotten())
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
    if record.block.kind in {Kind.CONTROL, Kind.TOTALS}:
        return record
    kept = [(segment, data) for segment, data in record.block.rows_of_segments() if segment.agent_id == agent]
    block = Block(
        record.block.kind, tuple(segment for segment, _ in kept), b"".join(bytes(data) for _, data in kept)
    )
    return Record(record.offset, record.timestamp, block)


@settings(max_examples=EXAMPLES)
@given(logs(), st.data())
def test_batches_that_come_again_change_nothing(records: list[Record], data: st.DataObject) -> None:
    """Property 10: a client that was not answered sends again what it sent under a key."""
    again = list[Record]()
    for record in records:
        again.append(record)
        if record.block.segments and all(segment.keyed for segment in record.block.segments):
            again += [record] * data.draw(st.integers(0, 2))
    once, twice = PartitionState(0), PartitionState(0)
    said = [event.data for events in run(once, records) for event in events]
    renumbered = [Record(offset, r.timestamp, r.block) for offset, r in enumerate(again)]
    assert [event.data for events in run(twice, renumbered) for event in events] == said
    for key, agent in once.agents.items():
        assert without_offsets(twice.agents[key]) == without_offsets(agent)


def without_offsets(agent: AgentState) -> bytes:
    ledger = agent.ledger and msgspec.msgpack.decode(msgspec.msgpack.encode(agent.ledger), type=Ledger)
    for period in (*ledger.days, *ledger.months) if ledger else ():
        for line in period.lines:
            line.changed_at = 0
    return encode_agent(msgspec.structs.replace(agent, fence=0, ledger=ledger))


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
    assert [agent.key for agent in world.state.drain_changed()] == ["default/b", "default/a"]
    assert world.state.drain_changed() == []
    world.wait(SECOND)
    world.state.drain_changed()
    world.wait(SECOND)
    assert world.state.drain_changed() == []
    world.wait(MINUTE)
    assert {agent.key for agent in world.state.drain_changed()} == {"default/a", "default/b"}


def test_an_agent_without_rows_does_not_begin_to_exist() -> None:
    state = PartitionState(0)
    record = Log().record(START, Request("a", [log()]))
    segment = msgspec.structs.replace(record.block.segments[0], lines=0, size=0)
    assert state.absorb(Record(0, START, Block(Kind.LOG, (segment,), b""))) == []
    assert state.agents == {}


def test_who_only_came_too_late_does_not_begin_to_exist() -> None:
    state = PartitionState(0)
    late = Log().record(START, Request("a", [log()], key=1))
    assert state.absorb(Record(0, START + LATEST_APPEND_MS + 1, late.block)) == []
    assert state.agents == {}


FAILING = f"default/{AGENTS[0]}"


def break_rules(patch: pytest.MonkeyPatch) -> None:
    """Let rules fail on one agent now and then: before and after what they do, and in between."""

    def fail(state: AgentState, remainder: int) -> None:
        if state.key == FAILING and state.fence % 4 == remainder:
            raise ZeroDivisionError(remainder)

    def segment(
        state: AgentState,
        model: Calibration,
        evidence: SegmentEvidence,
        outputs: Outputs,
        governing: Governing,
    ) -> None:
        fail(state, 0)
        absorb_segment(state, model, evidence, outputs, governing)
        fail(state, 1)

    def tick(state: AgentState, model: Calibration, outputs: Outputs, governing: Governing) -> None:
        fail(state, 0)
        absorb_tick(state, model, outputs, governing)
        fail(state, 2)

    patch.setattr(partition, "absorb_segment", segment)
    patch.setattr(partition, "absorb_tick", tick)


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


@pytest.mark.parametrize("rule", ["absorb_segment", "absorb_tick"])
def test_want_of_memory_is_nobodys_failure(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    world = World()
    world.send(log())
    records = [world.log.record(START, Request("a", [log()])), world.log.tick(START + DAY)]
    monkeypatch.setattr(partition, rule, fail)
    with pytest.raises(MemoryError):
        run(world.state, records)


def of_others(events: Sequence[DerivedEvent]) -> list[DerivedEvent]:
    # Totals are of all together.
    theirs = (event for event in events if not isinstance(event.data, Spend))
    return [event for event in theirs if subject_of(event.data) != FAILING]


@pytest.mark.parametrize("broken", [Topic.POLICIES, Topic.TRUST_MODELS])
def test_of_a_control_record_with_one_bad_row_nothing_counts(broken: Topic) -> None:
    made = Log()
    good = [made.policy(START, 1, PolicyTerms()), made.model(START, 1, TrustParameters())]
    rows = [row for record in good for row in decode_control_rows(record.block)]
    bad = [
        msgspec.structs.replace(row, data=msgspec.Raw(b"{}")) if row.topic is broken else row for row in rows
    ]
    state = PartitionState(0)
    with pytest.raises(InvalidMessageError):
        state.absorb(Record(0, START, decode_block(*encode_control_block(bad, START))))
    assert packed(state) == {}
    state.absorb(Record(1, START, decode_block(*encode_control_block(rows, START))))
    assert len(packed(state)) == 2
