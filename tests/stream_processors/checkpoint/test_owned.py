"""What an owned partition takes and cuts."""

import msgspec
import pytest

from schemas.block import decode_block
from schemas.budgets import BudgetPeriod, BudgetScope
from schemas.control_block import ControlRow, encode_control_block
from schemas.erasures import ErasedAgent, ErasureState
from schemas.topics import Topic
from schemas.totals_block import TotalsRow, decode_totals_rows
from stream_processors.checkpoint.owned import LogGapError, report_record
from stream_processors.log_record import LogRecord
from stream_processors.rules.partition import PartitionState
from stream_processors.rules.reports import Report
from tests.stream_processors.checkpoint.doubles import (
    META,
    TIME,
    Acknowledgements,
    broken,
    log_record,
    owned_partition,
    tick,
)


def test_nothing_came_nothing_to_cut() -> None:
    assert owned_partition().cut() is None


def test_a_cut_holds_what_came_since_the_last() -> None:
    owned, acks = owned_partition(), Acknowledgements()
    assert owned.take(log_record(0), acks.of(0)) == 2
    assert owned.take(log_record(1, agent="b"), acks.of(1)) == 2
    first = owned.cut()
    assert first is not None
    assert (first.fence, first.moved, first.meta) == (1, True, META)
    assert [entry.key for entry in first.entries] == ["default/a", "default/b", "#totals"]
    assert {output.topic for output in first.outputs} >= {Topic.TRUST_SCORES, Topic.AGENT_STATUS}
    assert len(first.acknowledgements) == 2
    assert owned.cut() is None
    owned.take(tick(2), acks.of(2))
    second = owned.cut()
    assert second is not None
    assert second.fence == 2
    assert len(second.acknowledgements) == 1


def test_a_cut_in_the_middle_of_a_bundle_acknowledges_nothing() -> None:
    owned, acks = owned_partition(), Acknowledgements()
    owned.take(log_record(0), None)
    first = owned.cut()
    assert first is not None
    assert (first.fence, first.moved, list(first.acknowledgements)) == (0, True, [])
    owned.take(log_record(1), acks.of(1))
    second = owned.cut()
    assert second is not None
    assert len(second.acknowledgements) == 1


def test_entries_carry_the_fence_of_their_own_agent() -> None:
    owned, acks = owned_partition(), Acknowledgements()
    owned.take(log_record(0, agent="a"), acks.of(0))
    owned.take(log_record(1, agent="b"), acks.of(1))
    checkpoint = owned.cut()
    assert checkpoint is not None
    assert [(entry.key, entry.fence) for entry in checkpoint.entries] == [
        ("default/a", 0),
        ("default/b", 1),
        ("#totals", 0),
    ]


def test_a_record_at_or_below_the_fence_is_acknowledged_and_not_absorbed() -> None:
    owned, acks = owned_partition(fence=5), Acknowledgements()
    assert owned.take(log_record(5), acks.of(5)) == 0
    checkpoint = owned.cut()
    assert checkpoint is not None
    assert not checkpoint.moved
    assert (list(checkpoint.entries), list(checkpoint.outputs)) == ([], [])
    assert len(checkpoint.acknowledgements) == 1


def test_a_gap_is_refused() -> None:
    owned = owned_partition(fence=5)
    with pytest.raises(LogGapError, match="expected offset 6, got 8"):
        owned.take(log_record(8), Acknowledgements().of(8))


def test_unreadable_records_move_the_fence() -> None:
    owned, acks = owned_partition(), Acknowledgements()
    owned.take(broken(0), acks.of(0))
    checkpoint = owned.cut()
    assert checkpoint is not None
    assert (checkpoint.fence, checkpoint.moved) == (0, True)
    assert [(record.offset, rejection.fault) for record, rejection in checkpoint.rejections] == [(0, False)]


def test_what_is_given_up_is_counted_and_a_failed_tick_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    owned = owned_partition()
    for offset in range(3):
        owned.take(broken(offset), Acknowledgements().of(offset))
    assert not owned.given_up.too_much
    with monkeypatch.context() as patch:
        patch.setattr(PartitionState, "absorb", fail)
        owned.take(tick(3), Acknowledgements().of(3))
        assert not owned.given_up.too_much
        owned.take(log_record(4), Acknowledgements().of(4))
    assert owned.given_up.too_much


def test_what_was_taken_counts_before_too_much_is_seen() -> None:
    owned = owned_partition()
    for offset in range(6):
        owned.take(log_record(offset), Acknowledgements().of(offset))
    for offset in range(6, 11):
        owned.take(broken(offset), Acknowledgements().of(offset))
        if offset == 8:
            owned.cut()
    assert str(owned.given_up).startswith("5 of 11 records")
    assert not owned.given_up.too_much
    for offset in (11, 12):
        owned.take(broken(offset), Acknowledgements().of(offset))
    assert owned.given_up.too_much


def test_what_waits_is_measured() -> None:
    owned, acks = owned_partition(), Acknowledgements()
    record = log_record(0)
    owned.take(record, acks.of(0))
    assert (owned.records, owned.size, owned.timestamp_ms) == (
        1,
        len(record.value or b""),
        record.timestamp_ms,
    )
    owned.cut()
    assert (owned.records, owned.size) == (0, 0)


def test_only_records_with_rows_are_measured() -> None:
    owned = owned_partition()
    for record in (log_record(0), tick(1), broken(2), log_record(3)):
        owned.take(record, Acknowledgements().of(record.offset))
    checkpoint = owned.cut()
    assert checkpoint is not None
    assert checkpoint.appended == [TIME, TIME + 3000]


def test_a_report_goes_to_the_partition_that_the_tenants_id_leads_to() -> None:
    row = TotalsRow("acme", 2, 17, BudgetScope.TENANT, "", BudgetPeriod.DAY, 20_484, "USD", "5")
    record = report_record(Report("acme", TIME, [row]))
    # Without a partition Kafka's partitioner decides by the key.
    assert (record.topic, record.key) == (Topic.TELEMETRY, b"acme")
    assert decode_totals_rows(decode_block(record.headers, record.value)) == [row]


def test_an_erased_agent_is_ended_in_the_state_and_on_compacted_topics() -> None:
    owned, acks = owned_partition(), Acknowledgements()
    owned.take(log_record(0), acks.of(0))
    owned.cut()
    erased = ErasedAgent("default", "e1", "a", ErasureState.RUNNING)
    row = ControlRow(Topic.ERASURES, "default/e1", 1, msgspec.Raw(msgspec.json.encode(erased)))
    headers, value = encode_control_block([row], TIME)
    owned.take(LogRecord(0, 1, TIME, None, value, tuple(headers)), acks.of(1))
    checkpoint = owned.cut()
    assert checkpoint is not None
    assert [(output.topic, output.key, output.value) for output in checkpoint.outputs] == [
        (Topic.TRUST_SCORES, b"default/a", None),
        (Topic.AGENT_STATUS, b"default/a", None),
    ]
    gone = {entry.key: entry.payload for entry in checkpoint.entries}
    assert gone["default/a"] is None
