"""Inserts: the data is read to its end, then the engine takes it as a file; or nothing of it is stored.

chdb's own way, `Connection.send_insert`, is not used: its `finish` does not tell of what fails behind the
parsing (a full disk, a constraint, a materialized view), and answers with rows that were never stored.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.connection import sql_text
from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.response import Progress
from infra.embedded.clickhouse.spool import spooled
from infra.embedded.clickhouse.statement import Statement
from infra.embedded.clickhouse.tokens import tokenize

_OUR_FILE = re.compile(r"[:\s]*\(in file/uri /dev/fd/\d+\)")


def insert(connection: Connection, statement: Statement, pieces: Iterator[bytes], folder: Path) -> Progress:
    """Run an INSERT with data, in the calling thread; much data is kept in `folder` meanwhile.

    Raises:
        ClickHouseError: the engine or the disk refused; of a single block nothing is stored then.
        Exception: whatever `pieces` raises; nothing is stored.
    """
    with spooled(pieces, folder) as (path, size):
        sql = f"{_reading(statement.body, path)} FORMAT {statement.format or 'Values'}"
        try:
            result = connection.query(sql)
        except RuntimeError as error:
            raise _without_path(error) from error
    rows = result.rows_read()
    return Progress(
        read_rows=rows,
        read_bytes=size,
        written_rows=rows,
        written_bytes=result.bytes_read(),
        result_rows=rows,
        result_bytes=result.bytes_read(),
        elapsed=result.elapsed(),
    )


def _reading(body: bytes, path: str) -> str:
    """The statement with its data's file, which stands before the SETTINGS."""
    before = b""
    for token in tokenize(body):
        if token.depth == 0 and token.text == b"SETTINGS" and before not in (b"INTO", b"TABLE", b"."):
            return f"{sql_text(body[: token.start])}FROM INFILE '{path}' {sql_text(body[token.start :])}"
        before = token.text
    return f"{sql_text(body)} FROM INFILE '{path}'"


def _without_path(error: RuntimeError) -> ClickHouseError:
    found = ClickHouseError.from_engine(error)
    return ClickHouseError(found.code, _OUR_FILE.sub("", found.text))
