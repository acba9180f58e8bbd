"""A tail's filters are the search's; that ClickHouse decides alike is shown with the search's tests."""

from typing import Any

import pytest

from query_api.log_matcher import LogMatcher, words_of
from query_api.queries.logs import LogSearch
from query_api.tail_entries import ReportedLog
from schemas.messages.values import LogLevel

LOG = ReportedLog(
    *("scout", "2026-01-31T12:00:00.000Z", "b", 0, LogLevel.WARN, "Größe of Store-7 is OK", {}),
    trace_id="t1",
)


def found(context: Any = None, **wanted: Any) -> bool:  # noqa: ANN401 - whatever LogSearch takes
    log = ReportedLog(**{name: getattr(LOG, name) for name in ReportedLog.__struct_fields__})
    log.context = context
    return LogMatcher(LogSearch(**wanted)).matches(log)


def test_without_a_filter_everything_is_found() -> None:
    assert found()


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("store ok", True), ("größe", True), ("GRÖSSE", False), ("stor", False), ("7 store", True)],
)
def test_words_are_whole_and_a_to_z_have_no_case(text: str, is_found: bool) -> None:
    assert found(text=text) is is_found


@pytest.mark.parametrize(
    ("context", "path", "value", "is_found"),
    [
        ({"a": "x"}, "a", "x", True),
        ({"a": "x"}, "a", "y", False),
        ({"a": {"b": "x"}}, "a.b", "x", True),
        ({"a.b": "x"}, "a.b", "x", True),
        ({"a": 7, "b": True}, "a", "7", True),
        ({"a": [1, {"b": None}]}, "a", '[1,{"b":null}]', True),
        ({"a": None}, "a", "null", True),
        ({"a": {}}, "a.b", "x", False),
        ("text", "a", "x", False),
        (None, "a", "x", False),
    ],
)
def test_fields_of_the_context(context: Any, path: str, value: str, is_found: bool) -> None:  # noqa: ANN401 - pytest's
    assert found(context, fields=[(path, value)]) is is_found


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        ({"levels": [LogLevel.WARN, LogLevel.ERROR]}, True),
        ({"levels": [LogLevel.ERROR]}, False),
        ({"governance_event": False}, True),
        ({"governance_event": True}, False),
        ({"trace_id": "t1"}, True),
        ({"trace_id": "t2"}, False),
        ({"levels": [LogLevel.WARN], "text": "ok", "trace_id": "t2"}, False),
    ],
)
def test_all_that_is_asked_must_hold(wanted: dict[str, Any], is_found: bool) -> None:
    assert found(**wanted) is is_found


def test_words_are_runs_of_letters_and_digits() -> None:
    assert words_of("a-B_c d9!") == {b"a", b"b", b"c", b"d9"}
