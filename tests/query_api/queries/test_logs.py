"""Every wish of a log search is bound."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from query_api.cursors import RowCursor
from query_api.queries.logs import LogSearch, before, lately, search
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel
from tests.query_api.queries.placeholders import placeholders

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


DAY = 24 * 60 * 60 * 1000


@given(start=TIMES, end=TIMES, at=TIMES, now=st.integers(0, 2**42), agent=st.sampled_from(["", "scout"]))
def test_the_last_day_and_what_is_before_it_are_all_that_is_wanted(
    start: int | None, end: int | None, at: int | None, now: int, agent: str
) -> None:
    wanted = LogSearch(start=start, end=end)
    cursor = None if at is None else RowCursor(at, UUID(int=1), 0)
    later = lately(AgentRef("acme", agent), wanted, cursor, now)
    if later is None:
        newest = min(one for one in (now, end, None if at is None else at + 1) if one is not None)
        assert newest < DAY or (start is not None and start + DAY >= newest)
        return
    older = before(wanted, later)
    assert (older.start, older.end, later.end) == (start, later.start, end)
    assert later.start is not None
    assert 0 <= later.start <= now - DAY
    assert start is None or start < later.start


def test_what_is_rare_is_looked_for_everywhere_at_once() -> None:
    now = 2**41
    of_agent, of_tenant = AgentRef("acme", "scout"), AgentRef("acme", "")
    assert lately(of_agent, LogSearch(text="word"), None, now) is None
    assert lately(of_tenant, LogSearch(trace_id="ab"), None, now) is None
    assert lately(of_tenant, LogSearch(text="word"), None, now) == LogSearch(text="word", start=now - DAY)
    assert lately(of_agent, LogSearch(), None, now) == LogSearch(start=now - DAY)
