"""Runs analysts' statements, which have been compiled for a tenant; what goes wrong becomes a problem."""

import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import msgspec

from query_api import errors
from query_api.analyst_sql.engine_settings import Limits, engine_settings
from runtime.problems import ProblemError
from runtime.settings import ClickHouseAddress

_CONNECT_SECONDS = 2

# Beyond the engine's own limit, for an answer that hangs on the way.
_GRACE_SECONDS = 5

# What is kept free of one tenant's queries for those of the others.
_SHARE_OF_ONE_TENANT = 2

_TIMED_OUT_CODES = frozenset({159, 160, 209, 210, 394})
_TOO_MUCH_CODES = frozenset({158, 191, 241, 243, 307, 396})
_BUSY_CODES = frozenset({202})
_OUR_FAULTS = frozenset({115, 516})  # a setting that ClickHouse has not; a wrong password
_LONGEST_TEXT = 1_000
_LONGEST_ANSWER = 64 * 1024

# What stands around the engine's words: its code, its version, the statement that was run.
_FRAME = re.compile(
    r"^.*?Code: \d+\. |DB::Exception: |\s*\(version [^)]*\)"
    r"|[.:]? In scope (?:SELECT|WITH) .*(?=\. \()",
    re.DOTALL,
)


class _Summary(msgspec.Struct):
    result_rows: str = "0"


@dataclass(frozen=True, slots=True)
class Result:
    """A statement's result: how many rows it has, and its bytes."""

    rows: int
    pieces: AsyncIterator[bytes]


class AnalystQueries:
    """Runs statements over ClickHouse's HTTP interface; safe for concurrent use."""

    def __init__(self, address: ClickHouseAddress, limits: Limits, at_once: int) -> None:
        """Nothing is connected yet; `at_once` queries may run, half of them of one tenant."""
        self.database = address.database
        self._limits = limits
        self._at_once = at_once
        self._running: Counter[str] = Counter()
        scheme = "https" if address.secure else "http"
        self._client = httpx.AsyncClient(
            base_url=f"{scheme}://{address.host}:{address.port}",
            auth=(address.username, address.password.get_secret_value()),
            headers={"accept-encoding": "identity", "user-agent": "promethios-sql"},
            timeout=httpx.Timeout(limits.seconds + _GRACE_SECONDS, connect=_CONNECT_SECONDS),
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    @contextlib.asynccontextmanager
    async def run(self, sql: str, tenant_id: str, engine_format: str) -> AsyncIterator[Result]:
        """A statement's result, which is complete; the statement is stopped when the context ends before.

        Raises:
            ProblemError: SQL_BUSY, SQL_FAILED, SQL_LIMIT, QUERY_TIMEOUT or CLICKHOUSE_AWAY.
        """
        arguments = {
            **engine_settings(tenant_id, self.database, self._limits),
            "database": self.database,
            "default_format": engine_format,
        }
        with self._turn(tenant_id):
            try:
                request = self._client.build_request("POST", "/", params=arguments, content=sql.encode())
                response = await self._client.send(request, stream=True)
            except httpx.ReadTimeout as error:
                raise _timed_out(self._limits) from error
            except httpx.HTTPError as error:
                raise _away() from error
            async with contextlib.aclosing(response):
                if response.status_code != httpx.codes.OK:
                    raise as_problem(_code_of(response), await _head_of(response), self._limits)
                summary = msgspec.json.decode(response.headers["x-clickhouse-summary"], type=_Summary)
                yield Result(int(summary.result_rows), response.aiter_raw())

    @contextlib.contextmanager
    def _turn(self, tenant_id: str) -> Iterator[None]:
        mine, all_of_them = self._running[tenant_id], self._running.total()
        if mine >= max(1, self._at_once // _SHARE_OF_ONE_TENANT) or all_of_them >= self._at_once:
            detail = f"{all_of_them} queries are running: ask again when one has ended."
            raise ProblemError(errors.SQL_BUSY, detail)
        self._running[tenant_id] += 1
        try:
            yield
        finally:
            self._running[tenant_id] -= 1
            self._running += Counter()  # forgets who has none


def as_problem(code: int | None, text: str, limits: Limits) -> ProblemError:
    """What a failed statement is answered with: ClickHouse's code, if it was ClickHouse, and its words."""
    words = _FRAME.sub("", text).strip()
    words = words if len(words) <= _LONGEST_TEXT else f"{words[:_LONGEST_TEXT]}…"
    if code is None or code in _OUR_FAULTS:
        return _away()
    if code in _TIMED_OUT_CODES:
        return _timed_out(limits)
    if code in _BUSY_CODES:
        return ProblemError(errors.SQL_BUSY, "ClickHouse is busy: ask again in a moment.")
    if code in _TOO_MUCH_CODES:
        allowed = (
            f"A query may take {limits.memory >> 20} MiB of memory and give {limits.rows} rows and "
            f"{limits.result >> 20} MiB"
        )
        return ProblemError(errors.SQL_LIMIT, f"{allowed}: {words}")
    return ProblemError(errors.SQL_FAILED, words)


def _code_of(response: httpx.Response) -> int | None:
    code = response.headers.get("x-clickhouse-exception-code", "")
    return int(code) if code.isdigit() else None


async def _head_of(response: httpx.Response) -> str:
    head = b""
    try:
        async for piece in response.aiter_raw():
            head += piece
            if len(head) >= _LONGEST_ANSWER:
                break
    except httpx.HTTPError as error:
        raise _away() from error
    return head.decode(errors="replace")


def _away() -> ProblemError:
    return ProblemError(errors.CLICKHOUSE_AWAY, "Nothing is lost; please ask again.")


def _timed_out(limits: Limits) -> ProblemError:
    detail = f"It was stopped after {limits.seconds} s: ask for a shorter time range or for fewer rows."
    return ProblemError(errors.QUERY_TIMEOUT, detail)
