"""Every wish of a log search is bound."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from query_api.cursors import RowCursor
from query_api.queries.logs import LogSearch, search
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
