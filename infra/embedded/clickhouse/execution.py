"""The way of one parsed statement: to the engine, and its outcome into the reply."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.connection import sql_text
from infra.embedded.clickhouse.engine import Engine, Task
from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.insert import insert
from infra.embedded.clickhouse.native import RevisedBlocks, is_revised
from infra.embedded.clickhouse.output import QueryOutput
from infra.embedded.clickhouse.payload import Receive
from infra.embedded.clickhouse.reply import Reply
from infra.embedded.clickhouse.request import Request
from infra.embedded.clickhouse.response import Identity, Progress, result_headers
from infra.embedded.clickhouse.sessions import SessionUse
from infra.embedded.clickhouse.statement import Kind, Statement

_BUFFER = 1 << 20  # of a result, before its first byte is sent: errors up to there get their own status
_IN_MEMORY = 16 << 20  # of a result that is waited for; the rest goes to a temporary file
_PIECE = 1 << 20


@dataclass(frozen=True)
class Exchange:
    """What a statement needs to be answered."""

    engine: Engine
    request: Request
    identity: Identity
    reply: Reply
    receive: Receive
    accept_encoding: bytes | None  # None: the response is not to be compressed

    def task(self, statement: Statement) -> Task:
        """What the statement's connection has to be like."""
        request = self.request
        session = None
        if request.session_id:
            session = SessionUse(request.session_id, request.session_timeout, request.session_check)
        return Task(
            request.database,
            request.settings,
            request.parameters,
            session,
            changes_session=statement.kind in (Kind.SETTING, Kind.TEMPORARY),
            bare=statement.kind is Kind.SETTING,
        )


async def answer(exchange: Exchange, statement: Statement, pieces: Iterator[bytes]) -> None:
    """Run a statement and reply with its outcome; `pieces` is the data of an INSERT.

    Raises:
        ClickHouseError: it failed, and nothing has been sent yet.
        ClientDisconnectedError, StalledClientError: nobody waits for the reply any more.
    """
    if statement.kind is Kind.INSERT:
        await _answer_insert(exchange, statement, pieces)
    elif statement.kind is Kind.RESULT:
        await _answer_result(exchange, statement)
    else:
        await _answer_command(exchange, statement)


async def _answer_insert(exchange: Exchange, statement: Statement, pieces: Iterator[bytes]) -> None:
    def run(connection: Connection) -> tuple[Progress, bytes]:
        return insert(connection, statement, pieces, exchange.engine.folder), b""

    await _answer_whole(exchange, statement, run, exchange.request.default_format)


async def _answer_command(exchange: Exchange, statement: Statement) -> None:
    format_name = statement.format or exchange.request.default_format
    text = sql_text(statement.body) + "\n" + sql_text(statement.tail)

    def run(connection: Connection) -> tuple[Progress, bytes]:
        result = connection.query(text, format_name)
        progress = Progress(
            read_rows=result.storage_rows_read(),
            read_bytes=result.storage_bytes_read(),
            elapsed=result.elapsed(),
        )
        body = result.bytes()
        revised = is_revised(format_name, exchange.request.client_protocol_version)
        return progress, RevisedBlocks().rewrite(body) if revised else body

    await _answer_whole(exchange, statement, run, format_name)


async def _answer_result(exchange: Exchange, statement: Statement) -> None:
    format_name = statement.format or exchange.request.default_format
    revised = is_revised(format_name, exchange.request.client_protocol_version)
    output = await QueryOutput.start(
        exchange.engine,
        exchange.task(statement),
        statement,
        format_name,
        RevisedBlocks().rewrite if revised else bytes,
    )
    watcher = asyncio.create_task(_close_on_disconnect(exchange.receive, output))
    try:
        await _send_result(exchange, output, format_name)
    finally:
        watcher.cancel()
        output.close()


async def _answer_whole(
    exchange: Exchange,
    statement: Statement,
    work: Callable[[Connection], tuple[Progress, bytes]],
    format_name: str,
) -> None:
    job = await exchange.engine.start(exchange.task(statement), work)
    progress, body = await asyncio.shield(job.future)  # it goes on when the request is cancelled
    headers = result_headers(exchange.identity, format_name if body else None, progress)
    await exchange.reply.begin(headers, len(body), exchange.accept_encoding)
    await exchange.reply.write(body)
    await exchange.reply.end()


async def _send_result(exchange: Exchange, output: QueryOutput, format_name: str) -> None:
    limit = exchange.request.buffer_size or _BUFFER
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as buffer:
        size = 0
        piece = await output.read()
        while piece is not None:
            buffer.write(piece)
            size += len(piece)
            if size >= limit and not exchange.request.wait_end_of_query:
                break
            piece = await output.read()
        reply = exchange.reply
        headers = result_headers(exchange.identity, format_name, output.progress)
        await reply.begin(headers, size if piece is None else -1, exchange.accept_encoding)
        buffer.seek(0)
        while stored := buffer.read(_PIECE):
            await reply.write(stored)
    if piece is not None:
        try:
            while (piece := await output.read()) is not None:
                await reply.write(piece)
        except ClickHouseError as error:
            await reply.fail(error)
            return
    await reply.end()


async def _close_on_disconnect(receive: Receive, output: QueryOutput) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    output.close()
