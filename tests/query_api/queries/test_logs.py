"""Every wish of a log search is bound."""

from hypothesis import given
from hypothesis import strategies as st

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
