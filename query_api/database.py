"""ClickHouse as the routes use it: a query with a time limit in, rows out, failures as problems."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import aiohttp
from clickhouse_connect import get_async_client
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from query_api import errors
from query_api.queries.query import Query
from runtime.problems import ProblemError
from runtime.settings import ClickHouseAddress

Row = Mapping[str, Any]
NO_SETTINGS: Mapping[str, Any] = {}

_CONNECT_SECONDS = 2
_PING_SECONDS = 2.0

# Beyond the engine's own limit, for an answer that hangs on the way.
_GRACE_SECONDS = 2

_TIMED_OUT_CODES = frozenset({159, 160, 209, 210})
_MISSING_CODES = frozenset({60, 81})


class Database:
    """Runs queries over one pooled client; safe for concurrent use."""

    def __init__(self, client: AsyncClient, query_seconds: int) -> None:
        """Use a connected client; `query_seconds` limits each query."""
        self._client = client
        self._query_seconds = query_seconds

    @classmethod
    async def connect(cls, address: ClickHouseAddress, query_seconds: int) -> "Database":
        """Connect once.

        Raises:
            ClickHouseError: it does not answer, or refuses the user or the database.
        """
        client = await get_async_client(
            host=address.host,
            port=address.port,
            username=address.username,
            password=address.password.get_secret_value(),
            database=address.database,
            secure=address.secure,
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=query_seconds + _GRACE_SECONDS,
            query_retries=1,
            client_name="promethios-query",
        )
        return cls(client, query_seconds)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def answers(self) -> bool:
        """Whether ClickHouse answers a ping in time."""
        return await self._client.ping(_PING_SECONDS)

    async def rows(self, query: Query) -> list[Row]:
        """The rows of a query by column name; times are aware, in UTC.

        Raises:
            ProblemError: QUERY_TIMEOUT, or CLICKHOUSE_AWAY when it is down or its tables are not made yet.
            ClickHouseError: the query is wrong, which is our mistake.
        """
        try:
            async with asyncio.timeout(self._query_seconds + _GRACE_SECONDS):
                result = await self._client.query(
                    query.sql,
                    parameters=query.parameters,
                    settings={"max_execution_time": self._query_seconds},
                    tz_mode="aware",
                )
        except TimeoutError as error:
            raise _timed_out(self._query_seconds) from error
        except ClickHouseError as error:
            raise _as_problem(error, self._query_seconds) from error
        return list(result.named_results())

    async def stream(
        self, query: Query, format_name: str, settings: Mapping[str, Any], seconds: int
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a query's result in a format, as they come, within a time.

        What has been yielded is not the whole result until the end is reached. Errors as in `rows`, also
        after some of it.
        """
        limits = {**settings, "max_execution_time": seconds}
        try:
            async with asyncio.timeout(seconds + _GRACE_SECONDS):
                source = await self._client.raw_stream(
                    query.sql, parameters=query.parameters, settings=limits, fmt=format_name
                )
                async with source as pieces:
                    async for piece in pieces:
                        yield piece
        except TimeoutError as error:
            raise _timed_out(seconds) from error
        except aiohttp.ClientError as error:
            raise ProblemError(errors.CLICKHOUSE_AWAY, "Its answer broke off; please ask again.") from error
        except ClickHouseError as error:
            raise _as_problem(error, seconds) from error

    async def run(self, statement: Query, settings: Mapping[str, Any] = NO_SETTINGS) -> None:
        """Run a statement that gives no rows, and return when it is finished: a mutation on all copies, too.

        Raises:
            ProblemError, ClickHouseError: as for `rows`; it may go on all the same.
        """
        limits = {**settings, "max_execution_time": self._query_seconds, "mutations_sync": 2}
        try:
            async with asyncio.timeout(self._query_seconds + _GRACE_SECONDS):
                await self._client.command(statement.sql, parameters=statement.parameters, settings=limits)
        except TimeoutError as error:
            raise _timed_out(self._query_seconds) from error
        except ClickHouseError as error:
            raise _as_problem(error, self._query_seconds) from error


def _as_problem(error: ClickHouseError, query_seconds: int) -> Exception:
    code = error.code if isinstance(error, Error) else None
    if code in _TIMED_OUT_CODES:
        return _timed_out(query_seconds)
    if code in _MISSING_CODES:
        return ProblemError(errors.CLICKHOUSE_AWAY, "The tables are not there yet: run `promethios migrate`.")
    if code is None:
        return ProblemError(errors.CLICKHOUSE_AWAY, "Nothing is lost; please ask again.")
    return error


def _timed_out(query_seconds: int) -> ProblemError:
    detail = f"It was stopped after {query_seconds} s: ask for a shorter time range or for fewer rows."
    return ProblemError(errors.QUERY_TIMEOUT, detail)
