"""Rows leave a chunk as they came, whole requests or nothing, each to its table."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.block import HEADER_READER, Kind, encode_headers
from schemas.derived import AgentStatus, DerivedEvent, OnlineStatus, encode_event, endings_of
from schemas.erasures import Erasure, ErasureMode, ErasureState
from schemas.tables import Table
from schemas.topics import Topic
from stream_processors.writer.erasing import Erasures
from stream_processors.writer.rings import Rings
from stream_processors.writer.rows import TableRows, absorb_record, rows_of_chunk
from tests.stream_processors.writer.records import FakeRecord, block, log_block, segment

_requests = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5), st.booleans()), max_size=8)


def _body(rows: TableRows) -> bytes:
    return b"".join(rows.parts)


@given(st.lists(_requests, max_size=5))
def test_all_rows_but_those_of_repeats_come_through_in_order(
    blocks: list[list[tuple[str, int, bool]]],
) -> None:
    records, expected, seen = [], b"", set()
    for offset, requests in enumerate(blocks):
        segments = []
        for number, (agent, batch, keyed) in enumerate(requests):
            rows = b'{"seq":0,"at":"%d/%d"}\n{"seq":1}\n' % (offset, number)
            segments.append((segment(agent, batch, rows, keyed=keyed), rows))
            if not keyed or (agent, batch) not in seen:
                expected += rows
            if keyed:
                seen.add((agent, batch))
        records.append(block(offset, Kind.LOG, *segments))

    chunk = rows_of_chunk(Topic.TELEMETRY, records, Rings())

    rows_of_table = chunk.tables.get(Table.AGENT_LOGS, TableRows())
    assert _body(rows_of_table) == expected
    assert rows_of_table.count == expected.count(b"\n")
    assert chunk.repeats == 2 * sum(map(len, blocks)) - rows_of_table.count
    assert [line for _, line in rows_of_table.lines()] == expected.splitlines()


def test_an_untouched_block_is_not_copied() -> None:
    record = log_block(1, "a", 1, b'{"seq":0}\n')

    [part] = rows_of_chunk(Topic.TELEMETRY, [record], Rings()).tables[Table.AGENT_LOGS].parts

    assert part is record.value


@pytest.mark.parametrize("kind", [Kind.TICK, Kind.CONTROL, Kind.TOTALS])
def test_blocks_of_the_processors_and_empty_ones_have_no_rows(kind: Kind) -> None:
    theirs = block(1, kind, (segment("a", 1, b'{"at":1}\n'), b'{"at":1}\n'))

    assert rows_of_chunk(Topic.TELEMETRY, [theirs, block(2, Kind.LOG)], Rings()).tables == {}


def test_a_chunk_knows_its_newest_event() -> None:
    records = [log_block(1, "a", 7, b"{}\n"), log_block(2, "a", 3, b"{}\n")]

    assert rows_of_chunk(Topic.TELEMETRY, records, Rings()).newest == 1007


@pytest.mark.parametrize(
    "record",
    [
        FakeRecord(1, b"no headers"),
        FakeRecord(1, b"too long", encode_headers(Kind.LOG, [segment("a", 1, b"{}\n")])),
        FakeRecord(1, None, [*encode_headers(Kind.LOG, [])[:2], ("segments", b"\xff")]),
    ],
)
def test_what_is_no_block_is_set_aside_with_the_reason(record: FakeRecord) -> None:
    sound = log_block(2, "a", 1, b"{}\n")
    chunk = rows_of_chunk(Topic.TELEMETRY, [record, sound], Rings())

    assert [each.record for each in chunk.undecodable] == [record]
    assert chunk.undecodable[0].reason
    assert list(chunk.tables) == [Table.AGENT_LOGS]


def test_replaying_moves_the_rings_as_storing_did() -> None:
    records = [log_block(1, "a", 1, b"{}\n"), FakeRecord(2, b"junk"), log_block(3, "a", 1, b"{}\n")]
    stored, replayed = Rings(), Rings()
    rows_of_chunk(Topic.TELEMETRY, records, stored)
    for record in records:
        absorb_record(record, replayed)

    assert stored.changed(3) == replayed.changed(3)


def _status_record(value: bytes | None = None) -> FakeRecord:
    data = AgentStatus("default", "a", OnlineStatus.ONLINE, 'says "hi"', "2026-01-31T12:00:00.000Z")
    encoded = encode_event(DerivedEvent('id "1"', "default/a", 1769860800250, data))
    return FakeRecord(
        5,
        encoded.value if value is None else value,
        encoded.headers,
        encoded.key,
        topic=Topic.AGENT_STATUS,
    )


@pytest.mark.parametrize(("reader", "rows"), [(b"writer", 1), (b"processors", 0)])
def test_a_record_for_another_reader_is_skipped(reader: bytes, rows: int) -> None:
    record = log_block(1, "a", 1, b"{}\n")
    record.headers = [*record.headers, (HEADER_READER, reader)]
    rings = Rings()
    chunk = rows_of_chunk(Topic.TELEMETRY, [record], rings)
    assert (len(chunk.tables), len(chunk.undecodable)) == (rows, 0)
    again = Rings()
    absorb_record(record, again)
    assert bool(rings.changed(1)) is bool(again.changed(1)) is bool(rows)


def test_a_derived_event_becomes_a_row() -> None:
    chunk = rows_of_chunk(Topic.AGENT_STATUS, [_status_record()], Rings())

    row = msgspec.json.decode(_body(chunk.tables[Table.AGENT_STATUS]))
    assert row["event_id"] == 'id "1"'
    assert row["event_time"] == "2026-01-31T12:00:00.250Z"
    assert row["reason"] == 'says "hi"'


def test_a_row_is_one_line_however_the_event_was_laid_out() -> None:
    value = msgspec.json.format(_status_record().value or b"", indent=2) + b"\n"
    rows = rows_of_chunk(Topic.AGENT_STATUS, [_status_record(value)], Rings()).tables[Table.AGENT_STATUS]

    assert _body(rows).count(b"\n") == 1
    assert msgspec.json.decode(_body(rows))["status"] == "online"


@pytest.mark.parametrize("value", [b"", b"[]", b"{}", b'{"tenant_id":', b"null"])
def test_what_is_no_event_is_set_aside(value: bytes) -> None:
    chunk = rows_of_chunk(Topic.AGENT_STATUS, [_status_record(value)], Rings())

    assert chunk.tables == {}
    assert "not a derived event" in chunk.undecodable[0].reason


@pytest.mark.parametrize("instead", [[], [("ce_id", None)], [("ce_id", b"\xff")]])
def test_an_event_without_id_is_set_aside(instead: list[tuple[str, Any]]) -> None:
    record = _status_record()
    record.headers = [*((n, text) for n, text in record.headers if n != "ce_id"), *instead]

    [undecodable] = rows_of_chunk(Topic.AGENT_STATUS, [record], Rings()).undecodable
    assert "not a derived event" in undecodable.reason


def test_what_ends_an_erased_agent_has_no_row() -> None:
    ending = endings_of("default/a")[1]
    record = _status_record()
    record.value, record.headers = ending.value, ending.headers
    chunk = rows_of_chunk(Topic.AGENT_STATUS, [record], Rings())
    assert (chunk.tables, chunk.undecodable) == ({}, [])


def erasures_of(agent: str, up_to: int) -> Erasures:
    erasures = Erasures()
    erased = Erasure(
        "e1",
        "default",
        ErasureMode.ERASE,
        1,
        "ada",
        agent_id=agent,
        state=ErasureState.DONE,
        up_to=up_to,
    )
    erasures.apply("", "", erased)
    return erasures


def test_an_erased_agents_rows_are_left_out_and_the_others_come_untouched() -> None:
    rows = b'{"seq":0}\n{"seq":1}\n'
    gone, kept = segment("a", 1, rows, keyed=True), segment("b", 1, rows, keyed=False)
    record = block(0, Kind.LOG, (gone, rows), (kept, rows))
    erased = erasures_of("a", gone.received_at)
    chunk = rows_of_chunk(Topic.TELEMETRY, [record], rings := Rings(), erased)
    assert _body(chunk.tables[Table.AGENT_LOGS]) == rows
    assert (chunk.tables[Table.AGENT_LOGS].count, chunk.erased, chunk.repeats) == (2, 2, 0)
    # What was keyed counts as read, as it did the first time.
    assert rings.changed(0)
    earlier = erasures_of("a", gone.received_at - 1)
    assert (
        _body(rows_of_chunk(Topic.TELEMETRY, [record], Rings(), earlier).tables[Table.AGENT_LOGS]) == 2 * rows
    )


def test_an_erased_agents_events_are_left_out() -> None:
    record = _status_record()
    agent = msgspec.json.decode(record.value or b"")["agent_id"]
    chunk = rows_of_chunk(Topic.AGENT_STATUS, [record], Rings(), erasures_of(agent, 2_000_000_000_000))
    assert (chunk.tables, chunk.undecodable, chunk.erased) == ({}, [], 1)
    assert rows_of_chunk(Topic.AGENT_STATUS, [record], Rings(), erasures_of(agent, 1)).tables
