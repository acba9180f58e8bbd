"""Cursors come back from their text, and nothing else passes for one."""

import base64
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.cursors import (
    Cursor,
    EventCursor,
    RankCursor,
    RowCursor,
    RunCursor,
    StepCursor,
    decode_cursor,
    encode_cursor,
)
from runtime.problems import ProblemError

TIMES = st.integers(0, 9_214_646_400_000)
ROWS = st.builds(RowCursor, TIMES, st.uuids(), st.integers(0, 2**32 - 1))
EVENTS = st.builds(EventCursor, TIMES, st.text(max_size=50))
RANKS = st.builds(RankCursor, st.none() | st.floats(0, 100), st.text(max_size=128))
MICROSECONDS = st.integers(0, 9_214_646_400_000_000)
STEPS = st.builds(StepCursor, MICROSECONDS, st.uuids(), st.integers(0, 2**32 - 1))
RUNS = st.builds(RunCursor, MICROSECONDS, st.text(max_size=128), st.text(max_size=256))
ALL = ROWS | EVENTS | RANKS | STEPS | RUNS


@given(ALL)
def test_a_cursor_comes_back_from_its_text(cursor: Cursor) -> None:
    assert decode_cursor(encode_cursor(cursor), type(cursor)) == cursor


@given(ALL)
def test_the_text_stands_in_a_url_as_it_is(cursor: Cursor) -> None:
    assert all(character.isalnum() or character in "-_" for character in encode_cursor(cursor))


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ProblemError, match="invalid"):
        decode_cursor(text, RowCursor)


def test_no_cursor_is_none() -> None:
    assert decode_cursor(None, RowCursor) is None


def test_the_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(ProblemError, match="invalid"):
        decode_cursor(encode_cursor(RankCursor(None, "scout")), EventCursor)


@pytest.mark.parametrize(
    "cursor",
    [
        ["row", 2**62, str(uuid.uuid4()), 1],
        ["row", 1, "no-uuid", 1],
        ["row", 1, str(uuid.uuid4()), -1],
        ["row", 1, str(uuid.uuid4()), 2**32],
    ],
)
def test_values_that_clickhouse_could_not_take_are_refused(cursor: list[object]) -> None:
    text = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")
    with pytest.raises(ProblemError, match="invalid"):
        decode_cursor(text, RowCursor)


def test_a_text_of_any_length_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProblemError, match="invalid"):
        decode_cursor("A" * 100_000, RowCursor)
