"""Every event that is not stored is explained, by the rules of the writer; what is lost is not."""

import pytest

from schemas.block import Kind
from schemas.delivery import Delivery
from schemas.erasures import Erasure, ErasureMode, ErasureState
from schemas.tables import TELEMETRY_TABLES
from stream_processors.delivery.tally import DAY_MS, HOUR_MS, Tally, hour_of
from stream_processors.writer.erasing import Erasures
from stream_processors.writer.rows import Record
from tests.stream_processors.writer.records import FakeRecord, log_block, segment
from tests.stream_processors.writer.records import block as block_of

NOW = 2 * DAY_MS
ALL_STORED = 1 << 40


def tally(since: int = 0, days: int | None = None) -> Tally:
    kept = {} if days is None else {("default", Kind.LOG): days}
    return Tally(since=since, now=NOW, kept_days=kept)


def block(offset: int, batch: int, lines: int = 2, agent: str = "a") -> Record:
    """Of one keyed request; it was received at 1000 + `batch` ms."""
    return log_block(offset, agent, batch, b'{"n":1}\n' * lines)


def only(found: Tally) -> Delivery:
    [one] = found.deliveries()
    return one


def test_what_is_stored_needs_no_explanation() -> None:
    found = tally()
    found.record(block(0, batch=1), ALL_STORED)
    found.record(block(1, batch=2), ALL_STORED)
    found.stored([("default", "a", 0, 3), ("default", "a", 0, 1)])
    one = only(found)
    assert (one.tenant_id, one.agent_id, one.hour) == ("default", "a", 0)
    assert (one.requests, one.accepted, one.stored, one.unexplained) == (2, 4, 4, 0)


@pytest.mark.parametrize("kind", Kind)
def test_only_what_has_a_table_is_expected_in_one(kind: Kind) -> None:
    rows = b'{"n":1}\n'
    found = tally()
    found.record(block_of(0, kind, (segment("a", 1, rows), rows)), ALL_STORED)
    assert sum(one.unexplained for one in found.deliveries()) == (1 if kind in TELEMETRY_TABLES else 0)


def test_what_is_lost_or_doubled_is_unexplained() -> None:
    found = tally()
    found.record(block(0, batch=1), ALL_STORED)
    found.stored([("default", "a", 0, 1)])
    assert only(found).unexplained == 1
    found.stored([("default", "a", 0, 2)])
    assert only(found).unexplained == -1


def test_a_repeat_counts_once_and_a_late_one_not_at_all() -> None:
    found = tally()
    found.record(block(0, batch=1), ALL_STORED)
    found.record(block(1, batch=1), ALL_STORED)
    late = block(2, batch=3)
    late.timestamp = 1003 + 20_001
    found.record(late, ALL_STORED)
    found.stored([("default", "a", 0, 2)])
    one = only(found)
    assert (one.requests, one.accepted, one.repeated, one.late, one.unexplained) == (3, 6, 2, 2, 0)


def test_what_the_writer_has_not_come_to_waits_unless_it_is_stored_meanwhile() -> None:
    found = tally()
    found.record(block(0, batch=1), committed=1)
    found.record(block(1, batch=2), committed=1)
    found.record(block(2, batch=3), committed=1)
    found.stored([("default", "a", 0, 4)])
    one = only(found)
    assert (one.accepted, one.waiting, one.stored, one.unexplained) == (6, 2, 4, 0)


def test_dead_letters_are_counted_by_the_rows_own_stamps() -> None:
    found = tally()
    found.record(block(0, batch=1), ALL_STORED)
    found.dead_row(b'{"tenant_id":"default","agent_id":"a","received_at":"1970-01-01T00:00:01.001Z","seq":1}')
    found.dead_row(b"no row at all")
    found.stored([("default", "a", 0, 1)])
    one = only(found)
    assert (one.dead, one.unexplained) == (1, 0)


def test_what_the_tenant_wants_to_be_gone_is_expired() -> None:
    found = tally(days=1)
    found.record(block(0, batch=1), ALL_STORED)
    one = only(found)
    assert (one.expired, one.unexplained) == (2, 0)
    kept = tally(days=2)
    kept.record(block(0, batch=1), ALL_STORED)
    assert only(kept).unexplained == 2


def erasures(agent_id: str | None = None, value: str | None = None) -> Erasures:
    found = Erasures()
    done = Erasure(
        erasure_id="one",
        tenant_id="default",
        mode=ErasureMode.ERASE,
        requested_at=1002,
        requested_by="me",
        agent_id=agent_id,
        value=value,
        state=ErasureState.DONE,
        up_to=1001,
    )
    found.apply("", "", done)
    return found


def test_what_was_erased_is_explained_up_to_its_moment() -> None:
    found = tally()
    found.erasures = erasures(agent_id="a")
    found.record(block(0, batch=1), ALL_STORED)
    found.record(block(1, batch=2), ALL_STORED)
    found.stored([("default", "a", 0, 2)])
    one = only(found)
    assert (one.accepted, one.erased, one.stored, one.unexplained) == (4, 2, 2, 0)


def test_only_the_rows_that_held_an_erased_value_are_gone() -> None:
    found = tally()
    found.erasures = erasures(value="Jane")
    rows = b'{"message":"Jane came"}\n{"message":"and went"}\n'
    found.record(log_block(0, "a", 1, rows), ALL_STORED)
    found.stored([("default", "a", 0, 1)])
    assert (only(found).erased, only(found).unexplained) == (1, 0)


def test_hours_before_the_first_are_known_but_do_not_count() -> None:
    found = tally(since=HOUR_MS)
    found.record(block(0, batch=1), ALL_STORED)
    found.stored([("default", "a", 0, 9)])
    assert found.deliveries() == []
    repeat = block(1, batch=1)
    found.record(repeat, ALL_STORED)
    assert found.deliveries() == []


def test_what_nobody_can_read_is_counted() -> None:
    found = tally()
    found.record(FakeRecord(0, b"x"), ALL_STORED)
    assert (found.undecodable, found.deliveries()) == (1, [])


def test_an_hour_begins_at_its_beginning() -> None:
    assert [hour_of(moment) for moment in (0, HOUR_MS - 1, HOUR_MS)] == [0, 0, HOUR_MS]
