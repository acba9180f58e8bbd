"""Rows are read as the gateway writes them; what cannot be read is refused as a whole."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.block import Block, Kind
from schemas.errors import InvalidMessageError
from schemas.timestamps import from_datetime
from stream_processors.rules.evidence import (
    CostRow,
    EventRef,
    EventRow,
    LogRow,
    ViolationRow,
    decode_evidence,
    epoch_ms,
    moment_of,
    outcome_class,
)
from tests.stream_processors.rules.log_builder import (
    START,
    Log,
    Request,
    cost,
    event,
    heartbeat,
    log,
    metrics,
    violation,
)


def test_each_segment_keeps_its_rows_and_its_place_in_the_record() -> None:
    record = Log().record(START, Request("a", [log(), log("error", START)]), Request("b", [log("debug")]))
    first, second = decode_evidence(record.block)
    assert (first.line, second.line) == (0, 2)
    assert [row.word for row in first.rows if isinstance(row, LogRow)] == ["info", "error"]
    assert isinstance(first.rows[1], LogRow)
    assert first.rows[1].timestamp == datetime.fromtimestamp(START / 1000, UTC)


def test_every_reporting_kind_can_be_read() -> None:
    rows = (event("ToolCall", success=True), heartbeat(), metrics(3.0), cost(1.5), violation("high"))
    found = [decode_evidence(Log().record(START, Request("a", [row])).block)[0].rows for row in rows]
    assert [len(one) for one in found] == [1] * len(rows)
    (call,), (entry,), (broken,) = found[0], found[3], found[4]
    assert isinstance(call, EventRow)
    assert call.success
    assert isinstance(entry, CostRow)
    assert entry.amount == Decimal("1.5")
    assert isinstance(broken, ViolationRow)


@pytest.mark.parametrize("value", [b"{}\n", b'{"level":7}\n', b"nonsense\n", b"\xff\xfe\n", b"[]\n"])
def test_a_row_that_cannot_be_read_refuses_the_record(value: bytes) -> None:
    block = Log().record(START, Request("a", [log()])).block
    segment = msgspec.structs.replace(block.segments[0], size=len(value))
    with pytest.raises(InvalidMessageError, match="default/a"):
        decode_evidence(Block(Kind.LOG, (segment,), value))


def test_a_segment_with_another_number_of_lines_is_refused() -> None:
    block = Log().record(START, Request("a", [log(), log()])).block
    segment = msgspec.structs.replace(block.segments[0], lines=3)
    with pytest.raises(InvalidMessageError, match="2 rows, the header says 3"):
        decode_evidence(Block(Kind.LOG, (segment,), block.value))


def test_times_that_no_text_can_hold_are_refused_before_a_rule_sees_them() -> None:
    block = Log().record(START, Request("a", [log()])).block
    segment = msgspec.structs.replace(block.segments[0], received_at=2**60)
    with pytest.raises(InvalidMessageError, match="received at"):
        decode_evidence(Block(Kind.LOG, (segment,), block.value))
    value = b'{"violation_type":"r","severity":"low","timestamp":"9999-12-31T23:59:59-14:00"}\n'
    segment = msgspec.structs.replace(block.segments[0], size=len(value))
    with pytest.raises(InvalidMessageError, match="the year must be"):
        decode_evidence(Block(Kind.VIOLATION, (segment,), value))


def test_a_tick_brings_no_rows() -> None:
    block = Log().record(START, Request("a", [log()])).block
    with pytest.raises(InvalidMessageError, match="not evidence"):
        decode_evidence(Block(Kind.TICK, block.segments, block.value))


@pytest.mark.parametrize(
    "start", [b'"amount":', b'"amount":"1","currency":"USD","cost":'], ids=["amount", "cost"]
)
@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1000000000000001"])
def test_amounts_that_cannot_be_added_up_are_refused(amount: str, start: bytes) -> None:
    block = Log().record(START, Request("a", [cost(1)])).block
    value = b'{"metric_type":"tokens_in",%b"%b"}\n' % (start, amount.encode())
    segment = msgspec.structs.replace(block.segments[0], size=len(value))
    with pytest.raises(InvalidMessageError, match="not an amount"):
        decode_evidence(Block(Kind.COST, (segment,), value))


def test_a_tool_is_one_of_eight_classes() -> None:
    assert all(0 <= outcome_class(str(number)) < 8 for number in range(100))


def test_an_event_is_named_by_batch_and_place() -> None:
    assert EventRef((7).to_bytes(16), 3).event_id == "00000000-0000-0000-0000-000000000007:3"


@given(st.datetimes(datetime(1970, 1, 1), datetime(2261, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_the_fast_conversion_of_time_is_the_contracts(moment: datetime, offset: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert epoch_ms(moment) == from_datetime(moment)
    assert epoch_ms(zoned) == from_datetime(zoned)
    assert epoch_ms(moment_of(epoch_ms(zoned))) == epoch_ms(zoned)
