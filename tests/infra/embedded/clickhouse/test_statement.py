"""Statements are told apart, and their FORMAT clause and data found, wherever the words also stand."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.statement import Kind, Statement, parse_statement


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT 1", Kind.RESULT),
        ("  -- comment\n with 1 as x select x", Kind.RESULT),
        ("(SELECT 1) UNION ALL (SELECT 2)", Kind.RESULT),
        ("SHOW TABLES", Kind.LISTING),
        ("EXPLAIN INSERT INTO t SELECT 1", Kind.RESULT),
        ("INSERT INTO t SELECT 1", Kind.COMMAND),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", Kind.COMMAND),
        ("INSERT INTO t VALUES (1)", Kind.INSERT),
        ("INSERT INTO t (a, format) FORMAT CSV\n1,2", Kind.INSERT),
        ("CREATE TABLE t (a Int8) ENGINE = Memory", Kind.COMMAND),
        ("CREATE OR REPLACE TEMPORARY TABLE t (a Int8)", Kind.TEMPORARY),
        ("SET max_threads = 1", Kind.SETTING),
        ("use x", Kind.SETTING),
        ("KILL MUTATION WHERE 1", Kind.COMMAND),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    assert parse_statement(text.encode()).kind is kind


@pytest.mark.parametrize(
    ("text", "body", "name", "tail"),
    [
        ("SELECT 1", "SELECT 1", None, ""),
        ("SELECT 1 ;; -- end", "SELECT 1", None, ""),
        ("SELECT 1 format json ;", "SELECT 1", "json", ""),
        (
            "SELECT 1\nFORMAT JSON SETTINGS a = 'FORMAT x', b = 2",
            "SELECT 1",
            "JSON",
            "SETTINGS a = 'FORMAT x', b = 2",
        ),
        ("SELECT 1 SETTINGS a = 1 FORMAT /* no */ TSV", "SELECT 1 SETTINGS a = 1", "TSV", ""),
        ("SELECT format FROM t", "SELECT format FROM t", None, ""),
        ("SELECT a format FROM t WHERE x", "SELECT a format FROM t WHERE x", None, ""),
        ("SELECT (SELECT 1 FORMAT TSV)", "SELECT (SELECT 1 FORMAT TSV)", None, ""),
        ("SELECT 'x FORMAT CSV'", "SELECT 'x FORMAT CSV'", None, ""),
        ("SELECT 1 FORMAT JSON, 2", "SELECT 1 FORMAT JSON, 2", None, ""),
    ],
)
def test_the_format_clause(text: str, body: str, name: str | None, tail: str) -> None:
    assert parse_statement(text.encode()) == Statement(Kind.RESULT, body.encode(), name, tail.encode())


@pytest.mark.parametrize(
    ("text", "body", "name", "data"),
    [
        (b"INSERT INTO t FORMAT CSV\n1,2", b"INSERT INTO t", "CSV", b"1,2"),
        (b"INSERT INTO t FORMAT Native\r\n\n\x01", b"INSERT INTO t", "Native", b"\n\x01"),
        (b"INSERT INTO t FORMAT JSONEachRow {}", b"INSERT INTO t", "JSONEachRow", b"{}"),
        (
            b"insert into t (a) values (1), ('; VALUES')",
            b"insert into t (a)",
            "Values",
            b" (1), ('; VALUES')",
        ),
        (b"INSERT INTO t SETTINGS a = 1 FORMAT TSV", b"INSERT INTO t SETTINGS a = 1", "TSV", b""),
        (
            b'INSERT INTO t (`values`, "format") FORMAT TSV\nx',
            b'INSERT INTO t (`values`, "format")',
            "TSV",
            b"x",
        ),
        (b"INSERT INTO t FORMAT Values (1)", b"INSERT INTO t", "Values", b"(1)"),
    ],
)
def test_the_data_of_an_insert(text: bytes, body: bytes, name: str, data: bytes) -> None:
    statement = parse_statement(text)
    assert (statement.kind, statement.body, statement.format) == (Kind.INSERT, body, name)
    assert text[statement.data_offset :] == data


@given(st.binary())
def test_data_is_never_looked_at(data: bytes) -> None:
    head = b"INSERT INTO t (a) FORMAT JSONEachRow\n"
    assert parse_statement(head + data) == parse_statement(head)


@given(st.binary(max_size=200))
def test_any_text_is_parsed_or_refused(text: bytes) -> None:
    with contextlib.suppress(ClickHouseError):
        assert parse_statement(text).body


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 62),
        (" ; -- nothing", 62),
        ("SELECT 1; SELECT 2", 62),
        ("SELECT 1 INTO OUTFILE 'x'", 358),
        ("INSERT INTO t FROM INFILE 'x' FORMAT CSV", 48),
        ("CREATE USER x", 48),
        ("DROP ROW POLICY p ON t", 48),
        ("ALTER SETTINGS PROFILE p", 48),
        ("GRANT SELECT ON *.* TO x", 48),
        ("SET ROLE x", 48),
        ("KILL QUERY WHERE 1", 48),
        ("SYSTEM SHUTDOWN", 48),
        ("INSERT INTO t SELECT * FROM input('a Int8') FORMAT CSV\n1", 48),
    ],
)
def test_what_the_embedded_engine_cannot_do_is_refused(text: str, code: int) -> None:
    with pytest.raises(ClickHouseError) as caught:
        parse_statement(text.encode())
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["SELECT 'INTO OUTFILE'", "SELECT user, role, quota FROM t", "CREATE TABLE user (a Int8)"]
)
def test_words_that_only_look_like_it_are_not(text: str) -> None:
    assert parse_statement(text.encode()).body == text.encode()
