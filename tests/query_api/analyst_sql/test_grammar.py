"""From text to a tree: what is too large, no query, or nonsense is refused, and soon."""

import time

import pytest
from sqlglot import exp

from query_api.analyst_sql.grammar import MAX_BRACKETS, MAX_CHARACTERS, MAX_TOKENS, parse
from query_api.analyst_sql.refusal import Reason, RefusedSqlError


def refusal(text: str) -> RefusedSqlError:
    with pytest.raises(RefusedSqlError) as refused:
        parse(text)
    return refused.value


def test_functions_stay_as_they_are_written() -> None:
    [date, length] = parse("SELECT toDate(x), LENGTH(y)").expressions
    assert isinstance(date, exp.Anonymous)
    assert (date.this, length.this) == ("toDate", "LENGTH")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "SELECT FROM",
        "SELECT (",
        "SELECT 'a",
        "SELECT a b c",
    ],
)
def test_what_is_no_statement_is_unreadable(text: str) -> None:
    assert refusal(text).reason is Reason.UNREADABLE


def test_an_error_says_where_it_is() -> None:
    assert refusal("SELECT 1\nFROM a b c").detail.endswith("at line 2, column 10.")


@pytest.mark.parametrize(
    "text", [";", "DROP TABLE x", "SET a = 1", "hello", "EXPLAIN SELECT 1", "(DROP TABLE x)"]
)
def test_only_queries_are_read(text: str) -> None:
    assert refusal(text).reason in {Reason.FORBIDDEN, Reason.UNREADABLE}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "x" * MAX_CHARACTERS,
        "SELECT 1" + "+1" * MAX_TOKENS,
        "SELECT " + "(" * (MAX_BRACKETS + 1),
        "SELECT " + "[" * (MAX_BRACKETS + 1),
        "SELECT " + "NOT " * 3_000 + "1",
        "SELECT " + "tuple(" * 30 + "1 AS a" + ")" * 30,
    ],
)
def test_what_is_too_large_is_refused_soon(text: str) -> None:
    began = time.thread_time()
    assert refusal(text).reason is Reason.TOO_LARGE
    assert time.thread_time() - began < 2


def test_what_is_not_quite_too_large_is_read() -> None:
    parse("SELECT " + "(" * MAX_BRACKETS + "1" + ")" * MAX_BRACKETS)
    parse("SELECT 1" + "+1" * (MAX_TOKENS // 2 - 1))
