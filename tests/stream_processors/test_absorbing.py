"""The path from raw records to state that worker and replay share."""

import pytest
from structlog.testing import capture_logs

from schemas.block import HEADER_READER
from stream_processors import absorbing
from stream_processors.absorbing import Absorber
from stream_processors.rules import partition
from stream_processors.rules.agent import absorb_tick
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.partition import PartitionState
from stream_processors.rules.state import AgentState
from tests.stream_processors.checkpoint.doubles import broken, log_record, tick


def test_what_was_absorbed_is_packed_once() -> None:
    absorber = Absorber(0)
    absorbed = absorber.absorb(log_record(0, rows=3))
    assert (absorbed.rows, absorbed.rejection, absorber.fence, absorber.agents) == (3, None, 0, 1)
    assert absorbed.events
    assert [packed.key for packed in absorber.drain()] == ["default/a"]
    assert absorber.drain() == []
    assert [packed.key for packed in absorber.pack_all()] == ["default/a"]


def test_an_absorber_made_of_packed_agents_goes_on_as_the_first() -> None:
    first = Absorber(0)
    for record in (log_record(0), log_record(1, agent="b"), tick(2)):
        first.absorb(record)
    packed = {record.key: record.payload or b"" for record in first.pack_all()}
    second = Absorber(0, 2, packed)
    for record in (log_record(3), tick(4), log_record(5, agent="c")):
        assert first.absorb(record) == second.absorb(record)
    assert first.pack_all() == second.pack_all()


def test_an_unreadable_record_is_rejected_and_moves_the_fence() -> None:
    absorber = Absorber(0)
    absorbed = absorber.absorb(broken(0))
    assert absorbed.rejection is not None
    assert not absorbed.rejection.fault
    assert (absorber.fence, absorber.drain()) == (0, [])


@pytest.mark.parametrize(("reader", "rows"), [(b"processors", 2), (b"writer", 0)])
def test_a_record_for_another_reader_is_skipped(reader: bytes, rows: int) -> None:
    absorber = Absorber(0)
    record = log_record(0)
    absorbed = absorber.absorb(record._replace(headers=(*record.headers, (HEADER_READER, reader))))
    assert (absorbed.rows, absorbed.rejection, absorber.fence) == (rows, None, 0)
    assert bool(absorbed.events) is bool(rows)


def test_a_failing_rule_is_our_fault_and_halts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("boom")

    absorber = Absorber(0)
    monkeypatch.setattr(PartitionState, "absorb", fail)
    with capture_logs() as logs:
        absorbed = absorber.absorb(log_record(0))
    assert absorbed.rejection == absorbing.Rejection("a rule failed: ZeroDivisionError('boom')", fault=True)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("rule_failed", "error")]
    monkeypatch.undo()
    assert absorber.absorb(log_record(1)).rejection is None
    assert absorber.fence == 1


def test_a_rule_that_fails_on_one_agent_leaves_the_tick_to_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    absorber, sound = Absorber(0), Absorber(0)
    for each in (absorber, sound):
        each.absorb(log_record(0))
        each.absorb(log_record(1, agent="b"))

    def fail(state: AgentState, outputs: Outputs) -> None:
        if state.agent_id == "a":
            raise ZeroDivisionError("boom")
        absorb_tick(state, outputs)

    expected = [event for event in sound.absorb(tick(4000)).events if event.data.agent_id == "b"]
    assert expected
    with capture_logs() as logs, monkeypatch.context() as patch:
        patch.setattr(partition, "absorb_tick", fail)
        absorbed = absorber.absorb(tick(4000))
    assert absorbed.events == expected
    assert absorbed.rejection is not None
    assert absorbed.rejection.fault
    assert "default/a: ZeroDivisionError('boom')" in absorbed.rejection.reason
    assert absorbed.rejection.agents == ("default/a",)
    assert [(entry["event"], entry["agent"]) for entry in logs] == [("rule_failed", "default/a")]
    # It is looked at again at the next tick, as it would be after a restart.
    assert {event.data.agent_id for event in absorber.absorb(tick(4001)).events} == {"a"}


def test_want_of_memory_says_nothing_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    absorber = Absorber(0)
    monkeypatch.setattr(PartitionState, "absorb", fail)
    with pytest.raises(MemoryError):
        absorber.absorb(log_record(0))
