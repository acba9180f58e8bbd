"""The engine: threads that run statements, a bounded queue in front of them, and cancelling.

Each statement gets a connection of its own (0.1 ms), so that no setting of one can reach another.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.connection import (
    connect,
    engine_address,
    open_connection,
    prepare,
    prepared,
)
from infra.embedded.clickhouse.errors import TOO_MANY_SIMULTANEOUS_QUERIES, ClickHouseError
from infra.embedded.clickhouse.quoting import quote_name, quote_string
from infra.embedded.clickhouse.sessions import Sessions, SessionUse
from infra.embedded.clickhouse.settings import Settings
from schemas.tables import DATABASE

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """What a statement's connection has to be like.

    `changes_session` marks what needs a session's own connection, `bare` (SET, USE) what takes nothing
    else from the request.
    """

    database: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    session: SessionUse | None = None
    changes_session: bool = False
    bare: bool = False
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def marked_settings(self) -> Mapping[str, str]:
        """The settings, with the key at the end of log_comment, by which a statement is killed."""
        return {**self.settings, "log_comment": f"{self.settings.get('log_comment', '')} {self.key}".lstrip()}


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
        self.folder = settings.path
        self._turns = asyncio.Semaphore(settings.connections)
        self._waiting = 0
        self._threads = ThreadPoolExecutor(settings.connections, thread_name_prefix="statement")
        self._control = ThreadPoolExecutor(1, thread_name_prefix="control")
        self._running: dict[str, asyncio.Future[Any]] = {}
        self._cancelling: set[asyncio.Task[None]] = set()
        self._address = engine_address(settings)
        self._sessions = Sessions(lambda: connect(self._address))
        # Kept open: the engine shuts down with its last connection. Used by the control thread only.
        self._anchor: Connection = open_connection(self._address)
        self._anchor.query(f"CREATE DATABASE IF NOT EXISTS {quote_name(DATABASE)}")
        row: bytes = self._anchor.query("SELECT version(), timezone(), hostName()", "TabSeparated").bytes()
        self.version, self.timezone, self.host_name = row.decode().strip().split("\t")

    async def start(self, task: Task, work: Callable[[Connection], T]) -> Job[T]:
        """Run `work` on a thread with a connection made for `task`, when it is its turn.

        The job's future raises ClickHouseError for what the engine refuses.

        Raises:
            ClickHouseError: TOO_MANY_SIMULTANEOUS_QUERIES, the queue is full or no turn came in time.
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

    async def close(self, seconds: float) -> None:
        """Kill what runs and close the data folder; what does not end within `seconds` is left behind."""
        running = list(self._running.items())
        for key, future in running:
            self.cancel(key, future)
        if running:
            await asyncio.wait([future for _, future in running], timeout=seconds)
        self._threads.shutdown(wait=False, cancel_futures=True)
        if not self._running:
            await asyncio.get_running_loop().run_in_executor(self._control, self._close_connections)
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
        self._sessions.sweep()
        try:
            if task.session is None:
                return self._run_alone(task, work)
            with self._sessions.use(task.session, changes=task.changes_session) as connection:
                if connection is None:
                    return self._run_alone(task, work)
                if task.bare:
                    return work(connection)
                with prepared(connection, task.database, task.marked_settings, task.parameters):
                    return work(connection)
        except RuntimeError as error:  # ChdbError is one
            raise ClickHouseError.from_engine(error) from error

    def _run_alone(self, task: Task, work: Callable[[Connection], T]) -> T:
        connection = connect(self._address)
        try:
            prepare(connection, task.database, task.marked_settings, task.parameters)
            return work(connection)
        finally:
            connection.close()

    async def _kill_until_done(self, key: str, future: "asyncio.Future[T]") -> None:
        while not future.done():
            await asyncio.get_running_loop().run_in_executor(self._control, self._kill, key)
            await asyncio.wait([future], timeout=0.2)

    def _kill(self, key: str) -> None:
        self._anchor.query(f"KILL QUERY WHERE endsWith(Settings['log_comment'], {quote_string(key)}) ASYNC")

    def _close_connections(self) -> None:
        self._sessions.close()
        self._anchor.close()


def _too_many(why: str) -> ClickHouseError:
    return ClickHouseError.of(
        TOO_MANY_SIMULTANEOUS_QUERIES, f"Too many simultaneous queries: {why}; try again"
    )
