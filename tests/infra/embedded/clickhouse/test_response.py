"""Headers, summaries and errors have the form that clients read."""

import json

import pytest
from clickhouse_connect.driver.transform import extract_exception_with_tag

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.response import (
    Identity,
    Progress,
    content_type,
    error_response,
    error_text,
    exception_block,
    result_headers,
    summary,
)

IDENTITY = Identity("query-id", "Etc/UTC", "host")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TabSeparatedWithNames", b"text/tab-separated-values; charset=UTF-8"),
        ("CSVWithNamesAndTypes", b"text/csv; charset=UTF-8; header=present"),
        ("JSONCompact", b"application/json; charset=UTF-8"),
        ("JSONEachRow", b"application/x-ndjson; charset=UTF-8"),
        ("ArrowStream", b"application/octet-stream"),
        ("Pretty", b"text/plain; charset=UTF-8"),
    ],
)
def test_content_types(name: str, expected: bytes) -> None:
    assert content_type(name) == expected


def test_the_summary_has_text_for_numbers() -> None:
    read = json.loads(summary(Progress(read_rows=3, written_rows=2, elapsed=0.5)))
    assert (read["read_rows"], read["written_rows"], read["elapsed_ns"]) == ("3", "2", "500000000")
    assert all(isinstance(value, str) for value in read.values())


def test_only_a_result_has_a_format() -> None:
    assert (b"x-clickhouse-format", b"CSV") in result_headers(IDENTITY, "CSV", Progress())
    names = [name for name, _ in result_headers(IDENTITY, None, Progress())]
    assert b"x-clickhouse-format" not in names
    assert b"x-clickhouse-query-id" in names


def test_an_error_has_its_code_and_the_version() -> None:
    error = ClickHouseError(202, "Code: 202. DB::Exception: busy")
    status, headers, body = error_response(error, IDENTITY, "26.9")
    assert (status, body) == (503, b"Code: 202. DB::Exception: busy (version 26.9)\n")
    assert (b"x-clickhouse-exception-code", b"202") in headers
    assert (b"retry-after", b"1") in headers
    assert error_text(ClickHouseError(6, "x (version 1)"), "26.9") == b"x (version 1)\n"


def test_the_mark_of_a_failed_stream_is_what_clients_look_for() -> None:
    error = ClickHouseError(395, "Code: 395. DB::Exception: é")
    found = extract_exception_with_tag(b"rows" + exception_block(error, "tag", "26.9"), "tag")
    assert found == "Code: 395. DB::Exception: é (version 26.9)"
