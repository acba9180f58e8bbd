"""Statement and data are found, however they are spread over URL and body."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.payload import Payload
from infra.embedded.clickhouse.reading import read_form, read_statement
from infra.embedded.clickhouse.statement import Kind, Statement


async def payload_of(body: bytes) -> Payload:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    payload = Payload(receive, "", idle_timeout=1.0)
    await payload.open()
    return payload


async def read(query: bytes, body: bytes) -> tuple[Statement, bytes]:
    statement, pieces = await read_statement(query, await payload_of(body))
    return statement, b"".join(pieces)


@given(st.binary(), st.integers(0, 60))
def test_an_insert_may_be_split_anywhere(data: bytes, position: int) -> None:
    words = [b"INSERT", b"INTO", b"t", b"(a)", b"FORMAT", b"JSONEachRow"]
    count = min(position, len(words))
    query, head = b" ".join(words[:count]), b" ".join(words[count:])
    body = head + b"\n" + data if head else data
    statement, found = asyncio.run(read(query, body))
    assert (statement.kind, statement.format, found) == (Kind.INSERT, "JSONEachRow", data)


@pytest.mark.parametrize(
    ("query", "body", "data"),
    [
        (b"INSERT INTO t VALUES", b"(1)", b"(1)"),
        (b"INSERT INTO t VALUES (1),", b"(2)", b" (1),\n(2)"),
        (b"INSERT INTO t VALUES (1)", b"", b" (1)\n"),
        (b"INSERT INTO t FORMAT CSV\n1\n", b"2\n", b"1\n\n2\n"),
    ],
)
async def test_data_in_the_url(query: bytes, body: bytes, data: bytes) -> None:
    statement, found = await read(query, body)
    assert (statement.kind, found) == (Kind.INSERT, data)


async def test_a_query_of_two_parts_is_one_text() -> None:
    statement, _ = await read(b"SELECT 1", b"+ 1 FORMAT TSV")
    assert statement == Statement(Kind.RESULT, b"SELECT 1\n+ 1", "TSV")
    alone, _ = await read_statement(b"SELECT 1", None)
    assert alone.body == b"SELECT 1"


async def test_a_query_has_a_limit_and_an_insert_has_none() -> None:
    with pytest.raises(ClickHouseError, match="QUERY_IS_TOO_LARGE"):
        await read(b"", b"SELECT '" + b"x" * (1 << 20) + b"'")
    statement, data = await read(b"", b"INSERT INTO t FORMAT CSV\n" + b"1\n" * (1 << 20))
    assert (statement.kind, len(data)) == (Kind.INSERT, 2 << 20)


async def test_forms() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT 1\r\n--b--\r\n'
    headers = {b"content-type": b"multipart/form-data; boundary=b"}
    request = await read_form(b"database=d", headers, await payload_of(body))
    assert request is not None
    assert (request.query, request.database) == (b"SELECT 1", "d")
    assert await read_form(b"", {}, await payload_of(body)) is None
