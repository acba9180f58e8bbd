"""The engine: chdb connections for statements, a bounded queue in front of them, and cancelling.

Each statement gets a connection of its own (0.1 ms), so that no setting of one can reach another.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import chdb
from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.errors import TOO_MANY_SIMULTANEOUS_QUERIES, ClickHouseError
from infra.embedded.clickhouse.quoting import quote_name, quote_string, set_statement
from infra.embedded.clickhouse.settings import Settings

DATABASE = "promethios"

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """What a statement's connection has to be like: database, settings, bound parameters."""

    database: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


class Job(Generic[T]):
    """A statement that runs on a thread."""

    def __init__(self, engine: "Engine", key: str, future: "asyncio.Future[T]") -> None:
        self._engine = engine
        self._key = key
        self.future = future

    def abandon(self) -> None:
        """Cancel the statement if it still runs; its turn is given on as soon as it has ended."""
        if not self.future.done():
            self._engine.cancel(self._key, self.future)


class Engine:
    """The open engine of one data folder; made and used in one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(settings.connections)
        self._waiting = 0
        self._threads = ThreadPoolExecutor(settings.connections, thread_name_prefix="statement")
        self._control = ThreadPoolExecutor(1, thread_name_prefix="control")
        self._running: dict[str, asyncio.Future[object]] = {}
        self._cancelling: set[asyncio.Task[None]] = set()
        self._address = _address(settings)
        # Kept open: the engine shuts down with its last connection. Used by the control thread only.
        self._anchor: Connection = chdb.connect(self._address)
        self._anchor.query(f"CREATE DATABASE IF NOT EXISTS {quote_name(DATABASE)}")
        row = self._anchor.query("SELECT version(), timezone(), hostName()", "TabSeparated").bytes()
        self.version, self.timezone, self.host_name = row.decode().strip().split("\t")

    async def start(self, task: Task, work: Callable[[Connection], T]) -> Job[T]:
        """Run `work` on a thread with a connection made for `task`, when it is its turn.

        The job's future raises ClickHouseError for what the engine refuses.

        Raises:
            ClickHouseError: TOO_MANY_SIMULTANEOUS_QUERIES, the queue is full or the turn did not come in time.
        """
        await self._take_turn()
        future = asyncio.get_running_loop().run_in_executor(self._threads, self._run, task, work)
        self._running[task.key] = future
        future.add_done_callback(lambda _: self._ended(task.key))
        return Job(self, task.key, future)

    def cancel(self, key: str, future: "asyncio.Future[T]") -> None:
        """Kill a running statement, again and again until it has ended."""
        cancelling = asyncio.create_task(self._kill_until_done(key, future))
        self._cancelling.add(cancelling)
        cancelling.add_done_callback(self._cancelling.discard)

    async def close(self, timeout: float) -> None:
        """Kill what runs and close the data folder; what does not end within `timeout` seconds is left behind."""
        running = list(self._running.items())
        for key, future in running:
            self.cancel(key, future)
        if running:
            await asyncio.wait([future for _, future in running], timeout=timeout)
        self._threads.shutdown(wait=False, cancel_futures=True)
        if not self._running:
            await asyncio.get_running_loop().run_in_executor(self._control, self._anchor.close)
        self._control.shutdown(wait=False, cancel_futures=True)

    async def _take_turn(self) -> None:
        if self._turns.locked() and self._waiting >= self._settings.queue:
            raise _too_many(f"{self._waiting} statements wait already")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turns.acquire(), self._settings.queue_timeout)
        except TimeoutError:
            raise _too_many(f"no free connection within {self._settings.queue_timeout:g} s") from None
        finally:
            self._waiting -= 1

    def _ended(self, key: str) -> None:
        del self._running[key]
        self._turns.release()

    def _run(self, task: Task, work: Callable[[Connection], T]) -> T:
        try:
            connection = chdb.connect(self._address)
            try:
                _prepare(connection, task)
                return work(connection)
            finally:
                connection.close()
        except RuntimeError as error:  # ChdbError is one
            raise ClickHouseError.from_engine(error) from error

    async def _kill_until_done(self, key: str, future: "asyncio.Future[T]") -> None:
        while not future.done():
            await asyncio.get_running_loop().run_in_executor(self._control, self._kill, key)
            await asyncio.wait([future], timeout=0.2)

    def _kill(self, key: str) -> None:
        # Matched by the end: a client may have a log comment of its own in front of the key.
        self._anchor.query(f"KILL QUERY WHERE endsWith(Settings['log_comment'], {quote_string(key)}) ASYNC")


def _prepare(connection: Connection, task: Task) -> None:
    connection.query(f"USE {quote_name(task.database or DATABASE)}")
    comment = f"{task.settings.get('log_comment', '')} {task.key}".lstrip()
    connection.query(set_statement({**task.settings, "log_comment": comment}))
    if task.parameters:
        connection.query(set_statement({f"param_{name}": value for name, value in task.parameters.items()}))


def _address(settings: Settings) -> str:
    defaults = {
        "max_server_memory_usage": settings.memory,
        "max_memory_usage": settings.statement_memory,
        "max_threads": settings.threads,
        "mark_cache_size": settings.memory // 8,
        "primary_index_cache_size": settings.memory // 16,
        "async_insert": 0,  # an insert that has been answered is in the table
        "implicit_select": 0,  # as the server has it
    }
    return f"{settings.path}?" + "&".join(f"{name}={value}" for name, value in defaults.items())


def _too_many(why: str) -> ClickHouseError:
    return ClickHouseError.of(
        TOO_MANY_SIMULTANEOUS_QUERIES, f"Too many simultaneous queries: {why}; try again"
    )
