"""Log entries keep their context as they sent it."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from schemas.messages.log import LogPayload, to_row, to_rows
from schemas.messages.values import LogLevel
from schemas.nesting import MAX_NESTING

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_the_context_is_kept_as_it_came(context: Any) -> None:  # noqa: ANN401 - any JSON
    text = msgspec.json.encode({"agentId": "a", "level": "info", "message": "m", "context": context})
    row = to_row(msgspec.json.decode(text, type=LogPayload))
    assert msgspec.json.decode(msgspec.json.encode(row)).get("context") == context


def test_a_row_without_extras_is_small() -> None:
    row = to_row(msgspec.json.decode(b'{"agentId":"a","level":"warn","message":"m"}', type=LogPayload))
    assert msgspec.json.encode(row) == b'{"level":"warn","message":"m"}'


def test_context_is_not_nested_without_end() -> None:
    deep: object = 1
    for _ in range(MAX_NESTING + 1):
        deep = [deep]
    with pytest.raises(InvalidMessageError, match="context: is nested"):
        to_row(
            msgspec.convert({"agentId": "a", "level": "info", "message": "m", "context": deep}, LogPayload)
        )


_ENTRIES = st.builds(
    LogPayload,
    agent_id=st.just("a"),
    level=st.sampled_from(LogLevel),
    message=st.text(max_size=10),
    context=JSON,
    governance_event=st.booleans(),
    timestamp=st.none() | st.datetimes(timezones=st.none() | st.just(UTC)),
)


@given(st.lists(_ENTRIES, max_size=5))
def test_many_entries_become_rows_as_each_alone_does_or_are_refused(entries: list[LogPayload]) -> None:
    try:
        expected = [to_row(entry) for entry in entries]
    except InvalidMessageError:
        with pytest.raises(InvalidMessageError):
            to_rows(entries)
    else:
        assert to_rows(entries) == expected


@pytest.mark.parametrize("year", [1969, 2262])
def test_one_year_that_cannot_be_stored_refuses_all(year: int) -> None:
    good = LogPayload("a", LogLevel.INFO, "m", timestamp=datetime(2026, 1, 1, tzinfo=UTC))
    bad = LogPayload("a", LogLevel.INFO, "m", timestamp=datetime(year, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidMessageError, match=f"timestamp: the year must be .* not {year}"):
        to_rows([good, bad, good])
