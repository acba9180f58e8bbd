"""Inserts: the data goes to the engine as it comes; one that does not end properly leaves nothing behind."""

from collections.abc import Iterator

from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.connection import sql_text
from infra.embedded.clickhouse.response import Progress
from infra.embedded.clickhouse.statement import Statement


def insert(connection: Connection, statement: Statement, pieces: Iterator[bytes]) -> Progress:
    """Run an INSERT with data, in the calling thread.

    Whatever `pieces` or the engine raises cancels the insert: blocks that are not complete are dropped.
    """
    read_bytes = 0
    sql = sql_text(statement.body)
    with connection.send_insert(sql, statement.format or "Values") as inserter:
        for piece in pieces:
            read_bytes += len(piece)
            inserter.append(piece)
        result = inserter.finish()
    return Progress(
        read_rows=result.rows_written,
        read_bytes=read_bytes,
        written_rows=result.rows_written,
        written_bytes=result.bytes_written,
        result_rows=result.rows_written,
        result_bytes=result.bytes_written,
        elapsed=result.elapsed,
    )
