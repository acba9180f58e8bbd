"""From a request's arguments and body to the statement to run and the data of an INSERT."""

import asyncio
from collections.abc import Iterator, Mapping

from infra.embedded.clickhouse.errors import QUERY_IS_TOO_LARGE, ClickHouseError
from infra.embedded.clickhouse.form import form_boundary, parse_form
from infra.embedded.clickhouse.payload import Payload
from infra.embedded.clickhouse.request import Request, parse_request
from infra.embedded.clickhouse.statement import Kind, Statement, parse_statement

_MAX_SQL = 1 << 20
_MAX_FORM = 16 << 20
_INLINE_SQL = 64 << 10  # more than this is parsed on a thread


async def read_form(query_string: bytes, headers: Mapping[bytes, bytes], payload: Payload) -> Request | None:
    """The request with the fields of the form in the body, None if the body is no form.

    Raises:
        ClickHouseError: a form that is too large, damaged, or with external data.
    """
    boundary = form_boundary(headers.get(b"content-type", b""))
    if boundary is None:
        return None
    body = await payload.head(_MAX_FORM)
    if len(body) > _MAX_FORM:
        raise ClickHouseError.of(QUERY_IS_TOO_LARGE, f"The form is larger than {_MAX_FORM} bytes")
    return parse_request(query_string, headers, parse_form(body, boundary))


async def read_statement(query: bytes, payload: Payload | None) -> tuple[Statement, Iterator[bytes]]:
    """The statement and its data; the URL's query and the body are one text with a line's end between them.

    The data is to be iterated on a thread of its own.

    Raises:
        ClickHouseError: the statement is refused, too large, or the body damaged.
        ClientDisconnectedError: the client went away.
    """
    if query:
        statement = await _parse(query)
        if statement.kind is Kind.INSERT and payload is not None:
            inline = query[statement.data_offset :]
            return statement, _joined(inline + b"\n" if inline.strip() else b"", payload.pieces())
    head = await payload.head(_MAX_SQL) if payload is not None else b""
    if query and not head.strip():
        return statement, iter((query[statement.data_offset :],))
    prefix = query + b"\n" if query else b""
    statement = await _parse(prefix + head)
    if payload is not None and statement.kind is Kind.INSERT:
        skip = max(0, statement.data_offset - len(prefix))
        return statement, _joined(prefix[statement.data_offset :], payload.pieces(skip))
    if len(head) > _MAX_SQL:
        raise ClickHouseError.of(QUERY_IS_TOO_LARGE, f"The query is larger than {_MAX_SQL} bytes")
    return statement, iter(())


async def _parse(text: bytes) -> Statement:
    if len(text) <= _INLINE_SQL:
        return parse_statement(text)
    return await asyncio.to_thread(parse_statement, text)


def _joined(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from pieces
