"""Inserts into ClickHouse: one block under one token, and bad rows told from a bad moment."""

import asyncio
import contextlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clickhouse_connect.driver import AsyncClient, create_async_client
from clickhouse_connect.driver.exceptions import ClickHouseError

from runtime.settings import ClickHouseAddress

_CONNECT_SECONDS = 5
_ONE_BLOCK = 1 << 30

SETTINGS: dict[str, Any] = {
    # A buffered insert is answered before it is stored, and is not deduplicated by its token.
    "async_insert": 0,
    "insert_deduplicate": 1,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    # A column that a table does not have is a mistake of ours, never something to drop.
    "input_format_skip_unknown_fields": 0,
    "date_time_input_format": "best_effort",
    # A chunk is one block: so it is stored whole or not at all, and its token stands for all of it.
    "input_format_parallel_parsing": 0,
    "max_insert_block_size": _ONE_BLOCK,
    "min_insert_block_size_rows": _ONE_BLOCK,
    "min_insert_block_size_bytes": _ONE_BLOCK,
}

# What ClickHouse says about the rows themselves, by its numbers of errors; everything else may pass.
_BAD_ROWS = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        25,  # CANNOT_PARSE_ESCAPE_SEQUENCE
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        33,  # CANNOT_READ_ALL_DATA
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        53,  # TYPE_MISMATCH
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        117,  # INCORRECT_DATA
        130,  # CANNOT_READ_ARRAY_FROM_TEXT
        131,  # TOO_LARGE_STRING_SIZE
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  # CANNOT_PARSE_UUID
        407,  # DECIMAL_OVERFLOW
        441,  # CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING
        467,  # CANNOT_PARSE_BOOL
        469,  # VIOLATED_CONSTRAINT
        691,  # UNKNOWN_ELEMENT_OF_ENUM
    }
)


class BadRowsError(Exception):
    """ClickHouse refused the rows themselves: nothing was stored, and trying again would not help."""


class UnavailableError(Exception):
    """The insert failed for another reason, or its outcome is unknown: try again under the same token."""


class Inserter:
    """Connections to one ClickHouse, at most so many inserts at once."""

    def __init__(self, address: ClickHouseAddress, concurrency: int, insert_seconds: float) -> None:
        """Nothing is connected before the first use; `answers` tells how the last one went.

        `insert_seconds` bounds an attempt, waiting for a slot included: it has to end well before the
        watchdog would call it a stall.
        """
        self._address = address
        self._insert_seconds = insert_seconds
        self._slots = asyncio.Semaphore(concurrency)
        self._connecting = asyncio.Lock()
        self._client: AsyncClient | None = None
        self.answers = False

    async def stop(self) -> None:
        """Disconnect."""
        if self._client is not None:
            await self._client.close()

    async def insert(self, table: str, rows: bytes, token: str) -> None:
        """Insert NDJSON; returns when it is stored, now or under the same token before.

        Raises:
            BadRowsError: nothing was stored because of the rows.
            UnavailableError: try again.
        """
        try:
            async with asyncio.timeout(self._insert_seconds), self._slots:
                client = await self._connected()
                await client.raw_insert(
                    table,
                    # The client sends bytes again by itself when a connection breaks, a file it does not: who
                    # tries again has to prove first that the partition is still his.
                    insert_block=io.BytesIO(rows),
                    fmt="JSONEachRow",
                    settings={**SETTINGS, "insert_deduplication_token": token},
                )
        except (ClickHouseError, OSError, TimeoutError) as error:
            found = _classify(error)
            self.answers = isinstance(found, BadRowsError)
            raise found from error
        self.answers = True

    async def columns(self, table: str) -> frozenset[str]:
        """The columns of a table as it is; none where there is no such table.

        Raises:
            UnavailableError: ClickHouse did not answer.
        """
        rows = await self.rows(
            "SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}",
            {"database": self._address.database, "table": table},
        )
        return frozenset(str(row[0]) for row in rows)

    async def rows(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """What a query gives.

        Raises:
            UnavailableError: ClickHouse did not answer, or refused.
        """
        with self._answering():
            client = await self._connected()
            result = await client.query(sql, parameters=dict(parameters))
            return result.result_rows

    async def command(self, sql: str, parameters: Mapping[str, Any]) -> None:
        """Run a statement that gives nothing.

        Raises:
            UnavailableError: ClickHouse did not answer, or refused.
        """
        with self._answering():
            client = await self._connected()
            await client.command(sql, parameters=dict(parameters))

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except (ClickHouseError, OSError, TimeoutError) as error:
            self.answers = False
            raise UnavailableError(str(error)) from error
        self.answers = True

    async def _connected(self) -> AsyncClient:
        async with self._connecting:
            if self._client is None:
                self._client = await create_async_client(
                    host=self._address.host,
                    port=self._address.port,
                    username=self._address.username,
                    password=self._address.password.get_secret_value(),
                    database=self._address.database,
                    secure=self._address.secure,
                    compress=False,
                    connect_timeout=_CONNECT_SECONDS,
                    send_receive_timeout=math.ceil(self._insert_seconds),
                )
            return self._client


def _classify(error: Exception) -> BadRowsError | UnavailableError:
    if getattr(error, "code", None) in _BAD_ROWS:
        return BadRowsError(str(error))
    return UnavailableError(f"{type(error).__name__}: {error}")
