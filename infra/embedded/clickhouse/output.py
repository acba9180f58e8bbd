"""A running query's output: the engine writes it into a pipe, the event loop reads it, in bounded memory."""

import asyncio
import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.connection import sql_text
from infra.embedded.clickhouse.engine import Engine, Job, Task
from infra.embedded.clickhouse.response import Progress
from infra.embedded.clickhouse.statement import Statement

_CHUNK = 1 << 20


class QueryOutput:
    """The bytes of one running query, in the order in which the engine writes them."""

    def __init__(self, read_end: int, job: Job[Progress], rewrite: Callable[[bytes], bytes] = bytes) -> None:
        self._read_end = read_end
        self._job = job
        self._rewrite = rewrite
        self._wake = asyncio.Event()
        job.future.add_done_callback(lambda _: self._wake.set())
        self.progress = Progress()

    @classmethod
    async def start(
        cls,
        engine: Engine,
        task: Task,
        statement: Statement,
        format_name: str,
        rewrite: Callable[[bytes], bytes] = bytes,
    ) -> Self:
        """Start a statement that gives rows; `rewrite` makes of each piece the one that is read.

        Raises:
            ClickHouseError: there is no room for it.
        """
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        with suppress(
            AttributeError, OSError
        ):  # only Linux can, and only up to a limit; a small pipe works too
            fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, _CHUNK)
        try:
            job = await engine.start(
                task, lambda connection: _run(connection, statement, format_name, write_end)
            )
        except BaseException:
            os.close(read_end)
            os.close(write_end)
            raise
        job.future.add_done_callback(lambda _: os.close(write_end))
        return cls(read_end, job, rewrite)

    async def read(self) -> bytes | None:
        """The next piece, about 1 MiB at most, maybe empty; None at the end.

        Raises:
            ClickHouseError: the statement failed, or `rewrite` did; what was read before is not the whole
                result.
        """
        while True:
            ended = self._job.future.done()  # asked first: what the statement wrote is in the pipe by then
            piece = self._read_now()
            if piece:
                return self._rewrite(piece)
            if ended:
                self.progress = self._job.future.result()
                return None
            await self._readable()

    def close(self) -> None:
        """Stop reading; a statement that still runs is cancelled."""
        if self._read_end >= 0:
            asyncio.get_running_loop().remove_reader(self._read_end)
            os.close(self._read_end)  # a writer that waits for room wakes up
            self._read_end = -1
            self._wake.set()
        self._job.abandon()

    def _read_now(self) -> bytes:
        if self._read_end < 0:
            return b""
        try:
            return os.read(self._read_end, _CHUNK)
        except BlockingIOError:
            return b""

    async def _readable(self) -> None:
        self._wake.clear()
        if self._job.future.done():
            return
        loop = asyncio.get_running_loop()
        if self._read_end >= 0:
            loop.add_reader(self._read_end, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            if self._read_end >= 0:
                loop.remove_reader(self._read_end)


def _run(connection: Connection, statement: Statement, format_name: str, write_end: int) -> Progress:
    outfile = f"\nINTO OUTFILE '/dev/fd/{write_end}' APPEND\nFORMAT {format_name}\n"
    result = connection.query(sql_text(statement.body) + outfile + sql_text(statement.tail), "Null")
    return Progress(
        read_rows=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        result_rows=result.rows_read(),
        result_bytes=result.bytes_read(),
        elapsed=result.elapsed(),
    )
