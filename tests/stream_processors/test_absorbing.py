"""The path from raw records to state that worker and replay share."""

import pytest
from structlog.testing import capture_logs

from schemas.block import HEADER_READER, Kind, decode_block, encode_headers
from schemas.derived import subject_of
from schemas.topics import Topic
from stream_processors import absorbing
from stream_processors.absorbing import Absorber
from stream_processors.rules import partition
from stream_processors.rules.agent import absorb_segment, absorb_tick
from stream_processors.rules.alert_rules import Governing
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.evidence import SegmentEvidence
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.partition import PartitionState
from stream_processors.rules.state import AgentState
from stream_processors.rules.trust_models import KEPT_OFFSETS
from stream_processors.state.snapshot import state_record
from tests.stream_processors.checkpoint.doubles import (
    TIME,
    broken,
    log_record,
    model_record,
    policy_record,
    tick,
)

TOTALS = "#totals"
TWO_MONTHS = 62 * 24 * 60 * 60 * 1000


def test_what_was_absorbed_is_packed_once() -> None:
    absorber = Absorber(0)
    absorbed = absorber.absorb(log_record(0, rows=3))
    assert (absorbed.rows, absorbed.rejection, absorber.fence, absorber.agents) == (3, None, 0, 1)
    assert absorbed.events
    assert [packed.key for packed in absorber.drain()] == ["default/a", TOTALS]
    assert absorber.drain() == []
    assert [packed.key for packed in absorber.pack_all()] == ["default/a", TOTALS]


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

    def fail(state: AgentState, model: Calibration, outputs: Outputs, governing: Governing) -> None:
        if state.agent_id == "a":
            raise ZeroDivisionError("boom")
        absorb_tick(state, model, outputs, governing)

    expected = [event for event in sound.absorb(tick(4000)).events if subject_of(event.data) == "default/b"]
    assert expected
    with capture_logs() as logs, monkeypatch.context() as patch:
        patch.setattr(partition, "absorb_tick", fail)
        absorbed = absorber.absorb(tick(4000))
    assert absorbed.events == expected
    assert absorbed.rejection is not None
    assert absorbed.rejection.fault
    assert "default/a: ZeroDivisionError('boom')" in absorbed.rejection.reason
    assert absorbed.rejection.segments == ()
    assert [(entry["event"], entry["agent"]) for entry in logs] == [("rule_failed", "default/a")]
    # It is looked at again at the next tick, as it would be after a restart.
    assert {subject_of(event.data) for event in absorber.absorb(tick(4001)).events} == {"default/a"}


def test_of_several_requests_those_that_failed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of agent b's two, and not agent a's between them."""
    parts = [log_record(offset, agent, rows=1) for offset, agent in enumerate("bab")]
    segments = [decode_block(part.headers, part.value).segments[0] for part in parts]
    value = b"".join(part.value or b"" for part in parts)
    record = parts[0]._replace(value=value, headers=tuple(encode_headers(Kind.LOG, segments)))

    def fail(
        state: AgentState,
        model: Calibration,
        evidence: SegmentEvidence,
        outputs: Outputs,
        governing: Governing,
    ) -> None:
        if evidence.line == 2:
            raise ZeroDivisionError("boom")
        absorb_segment(state, model, evidence, outputs, governing)

    monkeypatch.setattr(partition, "absorb_segment", fail)
    with capture_logs():
        absorbed = Absorber(0).absorb(record)
    assert absorbed.rejection is not None
    assert absorbed.rejection.segments == (2,)
    assert {subject_of(event.data) for event in absorbed.events} == {"default/a", "default/b"}


def test_want_of_memory_says_nothing_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    absorber = Absorber(0)
    monkeypatch.setattr(PartitionState, "absorb", fail)
    with pytest.raises(MemoryError):
        absorber.absorb(log_record(0))


def test_a_model_is_packed_beside_the_agents_and_holds_after_a_restart() -> None:
    absorber = Absorber(0)
    absorber.absorb(log_record(0))
    assert absorber.absorb(model_record(1, version=3)).rows == 0
    assert absorber.control_version(Topic.TRUST_MODELS, "default") == 3
    records = absorber.drain()
    assert [(record.key, record.fence) for record in records] == [
        ("$trust-model/default", 1),
        ("default/a", 0),
        (TOTALS, 0),
    ]
    assert {one.key: one for one in absorber.pack_all()} == {one.key: one for one in records}
    again = Absorber(0, 1, {record.key: record.payload or b"" for record in records})
    assert (
        again.control_version(Topic.TRUST_MODELS, "default"),
        again.control_version(Topic.TRUST_MODELS, "other"),
        again.agents,
    ) == (3, 0, 1)


def test_policies_are_packed_a_version_each_and_hold_after_a_restart() -> None:
    absorber = Absorber(0)
    absorber.absorb(log_record(0))
    for offset in (1, 2):
        assert absorber.absorb(policy_record(offset, version=offset)).rows == 0
    records = absorber.drain()
    assert [(record.key, record.fence) for record in records] == [
        ("$policy/default/build/1", 1),
        ("$policy/default/build/2", 2),
        ("default/a", 0),
        (TOTALS, 0),
    ]
    assert (absorber.drain(), absorber.pack_all(), absorber.agents) == ([], records, 1)
    again = Absorber(0, 2, {record.key: record.payload or b"" for record in records})
    assert again.control_version(Topic.POLICIES, "default/build") == 2
    assert again.control_version(Topic.POLICIES, "default/other") == 0
    assert again.pack_all() == records


def test_a_version_that_nobody_needs_is_removed_from_the_state() -> None:
    absorber = Absorber(0)
    for number in (1, 2, 3):
        absorber.absorb(policy_record(number * KEPT_OFFSETS, version=number))
    assert absorber.drain()[-1] == state_record(
        f"$policy/default/build/{KEPT_OFFSETS}", 3 * KEPT_OFFSETS, None
    )
    assert len(absorber.pack_all()) == 2


def test_a_model_that_contradicts_itself_is_rejected_and_the_one_before_holds() -> None:
    absorber = Absorber(0)
    absorber.absorb(model_record(0, version=1))
    rejection = absorber.absorb(model_record(1, version=2, trusted=20.0)).rejection
    assert rejection is not None
    assert not rejection.fault
    assert absorber.control_version(Topic.TRUST_MODELS, "default") == 1


def test_a_forgotten_agent_is_removed_from_the_state() -> None:
    absorber = Absorber(0)
    absorber.absorb(log_record(0))
    absorber.drain()
    late = tick(1)._replace(timestamp_ms=TIME + TWO_MONTHS)
    absorber.absorb(late)
    assert [(one.key, one.fence, one.payload is None) for one in absorber.drain()] == [
        (TOTALS, 1, False),
        ("default/a", 1, True),
    ]
    assert ([one.key for one in absorber.pack_all()], absorber.agents) == ([TOTALS], 0)


def test_an_agent_that_was_forgotten_and_came_back_is_not_removed() -> None:
    absorber = Absorber(0)
    absorber.absorb(log_record(0))
    absorber.absorb(tick(1)._replace(timestamp_ms=TIME + TWO_MONTHS))
    absorber.absorb(log_record(2)._replace(timestamp_ms=TIME + TWO_MONTHS))
    record, totals = absorber.drain()
    assert totals.key == TOTALS
    assert (record.key, record.fence) == ("default/a", 2)
    assert record.payload is not None


def test_what_is_gone_absorbs_no_record_below_its_fence_again() -> None:
    absorber = Absorber(0, gone={"default/a": 4})
    assert absorber.absorb(log_record(4)).events == []
    assert absorber.agents == 0
    assert absorber.absorb(log_record(5)).events
