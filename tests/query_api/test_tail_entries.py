"""A row on its way is shown as a search will show it."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from query_api.resources.logs import LogEntry
from query_api.tail_entries import TailEntry, encode_entry, read_logs
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from tests.query_api.tail_records import segment_of

REF = AgentRef("acme", "scout")


def entries(*rows: LogRow) -> list[LogEntry]:
    _, lines = segment_of(REF, rows)
    return [LogEntry.model_validate_json(encode_entry(log)) for log in read_logs(memoryview(lines))]


def test_it_has_the_fields_of_the_search_in_their_order() -> None:
    assert [field.name for field in msgspec.structs.fields(TailEntry)] == list(LogEntry.model_fields)


def test_everything_that_was_said_is_shown() -> None:
    at = datetime(2026, 1, 31, 12, 0, 0, 250_999, timezone(timedelta(hours=1)))
    row = LogRow(LogLevel.WARN, 'a "b"\n\u2028c', {"k": [1, None]}, True, at, trace_id="t", span_id="s")
    first, second = entries(row, LogRow(LogLevel.INFO, "plain"))
    assert (first.agent_id, first.level, first.message) == ("scout", "warn", 'a "b"\n\u2028c')
    assert (first.context, first.governance_event) == ({"k": [1, None]}, True)
    assert first.timestamp == datetime(2026, 1, 31, 11, 0, 0, 250_000, UTC)
    assert (first.trace_id, first.span_id) == ("t", "s")
    assert first.event_id.endswith(":0")
    assert second.event_id == first.event_id[:-1] + "1"
    assert second.timestamp == second.received_at
    assert (second.context, second.trace_id) == (None, None)


def test_what_is_no_row_is_refused() -> None:
    with pytest.raises(msgspec.MsgspecError):
        list(read_logs(memoryview(b'{"level":"info"}\n')))
