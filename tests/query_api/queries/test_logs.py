"""Every wish of a log search is bound."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.cursors import RowCursor
from query_api.queries.logs import (
    LogSearch,
    asks_content,
    parts,
    scan_newest,
    search,
    search_by_time,
)
from query_api.queries.query import Query
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel
from tests.query_api.queries.placeholders import placeholders

Ask = Callable[[AgentRef, LogSearch, RowCursor | None, int], Query]
TIMES = st.none() | st.integers(0, 2**42)


@given(
    start=TIMES,
    end=TIMES,
    levels=st.lists(st.sampled_from(LogLevel)),
    text=st.none() | st.text(min_size=12),
    governance_event=st.none() | st.booleans(),
)
def test_each_wish_is_bound_and_none_is_written(
    start: int | None,
    end: int | None,
    levels: list[LogLevel],
    text: str | None,
    governance_event: bool | None,
) -> None:
    wanted = LogSearch(start=start, end=end, levels=levels, text=text, governance_event=governance_event)
    query = search(AgentRef("acme", "scout"), wanted, None, 11)
    wishes = {
        "start": start,
        "end": end,
        "level_values": levels or None,
        "text": text,
        "governance_event": governance_event,
    }
    given_ones = {name for name, value in wishes.items() if value is not None}
    assert placeholders(query) == {"tenant_id", "agent_id", "limit"} | given_ones
    assert text is None or text not in query.sql


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1, max_size=8))
def test_fields_of_the_context_are_bound_by_name_and_by_path(fields: list[tuple[str, str]]) -> None:
    query = search(AgentRef("acme", ""), LogSearch(fields=fields), None, 11)
    assert placeholders(query) >= {"tenant_id", "limit"}
    for number, (path, value) in enumerate(fields):
        assert query.parameters[f"field_{number}"] == value
        assert query.parameters[f"field_{number}_name"] == path
        steps = [query.parameters.get(f"field_{number}_step_{step}") for step in range(path.count(".") + 1)]
        assert steps == (path.split(".") if "." in path else [None])


def test_a_whole_tenant_is_searched_without_an_agent() -> None:
    cursor = RowCursor(1, UUID(int=1), 0)
    query = search(AgentRef("acme", ""), LogSearch(trace_id="ab"), cursor, 11)
    assert placeholders(query) == {
        *("tenant_id", "trace_id", "limit", "after_time", "after_batch", "after_seq"),
    }


@pytest.mark.parametrize(
    ("wanted", "spared"),
    [
        (LogSearch(text="word"), True),
        (LogSearch(trace_id="ab"), True),
        (LogSearch(governance_event=True), False),
    ],
)
def test_times_of_granules_are_not_read_where_an_index_leaves_few(wanted: LogSearch, *, spared: bool) -> None:
    sql = search(AgentRef("acme", ""), wanted, None, 11).sql
    assert ("use_skip_indexes_on_data_read = 0" in sql) is spared


DAY = 24 * 60 * 60 * 1000
OF_TENANT = AgentRef("acme", "")


@given(start=TIMES, end=TIMES, at=TIMES, now=st.integers(0, 2**42))
def test_the_parts_are_all_that_is_wanted(
    start: int | None, end: int | None, at: int | None, now: int
) -> None:
    wanted = LogSearch(start=start, end=end, text="word")
    cursor = None if at is None else RowCursor(at, UUID(int=1), 0)
    found = parts(wanted, cursor, now)
    assert (found[-1].start, found[0].end) == (start, end)
    assert all(later.start == older.end for later, older in pairwise(found))
    assert {part.text for part in found} == {"word"}


def test_a_part_is_as_long_as_a_page_needs() -> None:
    now = 2**41
    plain, word, trace = LogSearch(), LogSearch(text="word"), LogSearch(trace_id="ab")
    starts = [now - DAY, now - 7 * DAY, None]
    assert [part.start for part in parts(plain, None, now)] == starts
    assert [part.start for part in parts(word, None, now)] == starts[1:]
    assert [part.start for part in parts(word, None, now, is_frequent=True)] == starts
    assert parts(trace, None, now) == [trace]


def test_what_is_more_than_times_and_levels_is_content() -> None:
    for wanted in (
        LogSearch(text="word"),
        LogSearch(fields=[("a", "b")]),
        LogSearch(governance_event=False),
        LogSearch(trace_id="ab"),
    ):
        assert asks_content(wanted)
    assert not asks_content(LogSearch(start=1, end=2, levels=[LogLevel.ERROR]))


@pytest.mark.parametrize("ask", [search_by_time, partial(scan_newest, scanned=5)])
@pytest.mark.parametrize("cursor", [None, RowCursor(7, UUID(int=1), 0)])
def test_both_ways_through_the_time_bind_everything(ask: Ask, cursor: RowCursor | None) -> None:
    wanted = LogSearch(start=1, end=9, levels=[LogLevel.ERROR], text="some secret words")
    query = ask(OF_TENANT, wanted, cursor, 11)
    after = {"after_time", "after_batch", "after_seq"} if cursor else set()
    assert placeholders(query) == {"tenant_id", "start", "end", "level_values", "text", "limit"} | after
    assert "secret" not in query.sql
    assert query.sql.count("tenant_id = {tenant_id:String}") == 2
