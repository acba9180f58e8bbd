"""Sessions: a connection that outlives a statement, for what SET, USE and temporary tables leave behind.

Most clients name a session and never use it: it gets its connection with the first statement that needs one.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.errors import (
    SESSION_IS_LOCKED,
    SESSION_NOT_FOUND,
    TOO_MANY_SIMULTANEOUS_QUERIES,
    ClickHouseError,
)

_MAX_CONNECTIONS = 64
_SWEEP_SECONDS = 5.0


@dataclass(frozen=True)
class SessionUse:
    """How one statement uses a session; `timeout` is in seconds after the statement."""

    name: str
    timeout: float
    must_exist: bool = False


@dataclass
class _Session:
    connection: Connection | None = None
    busy: bool = True
    expires: float = 0.0


class Sessions:
    """All sessions of an engine; any thread may use it."""

    def __init__(
        self, connect: Callable[[], Connection], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self._next_sweep = 0.0

    @contextmanager
    def use(self, use: SessionUse, *, changes: bool) -> Iterator[Connection | None]:
        """The session's own connection for one statement; None while no statement has needed one.

        `changes` says that this statement needs one.

        Raises:
            ClickHouseError: the session is in use, must exist and does not, or there are too many.
        """
        session = self._enter(use)
        try:
            if changes and session.connection is None:
                self._check_room()
                session.connection = self._connect()
            yield session.connection
        finally:
            session.expires = self._clock() + use.timeout
            session.busy = False

    def sweep(self) -> None:
        """Close what has expired; cheap to call often."""
        now = self._clock()
        if now < self._next_sweep:
            return
        self._next_sweep = now + _SWEEP_SECONDS
        with self._lock:
            gone = {n: s for n, s in self._sessions.items() if not s.busy and s.expires <= now}
            for name in gone:
                del self._sessions[name]
        for session in gone.values():
            if session.connection is not None:
                session.connection.close()

    def close(self) -> None:
        """Close every session that is not in use."""
        with self._lock:
            sessions = [s for s in self._sessions.values() if not s.busy]
            self._sessions.clear()
        for session in sessions:
            if session.connection is not None:
                session.connection.close()

    def _enter(self, use: SessionUse) -> _Session:
        with self._lock:
            session = self._sessions.get(use.name)
            if session is None or (not session.busy and session.expires <= self._clock()):
                if use.must_exist:
                    raise ClickHouseError.of(SESSION_NOT_FOUND, f"Session {use.name} not found")
                stale, session = session, _Session()
                self._sessions[use.name] = session
                if stale is not None and stale.connection is not None:
                    stale.connection.close()
                return session
            if session.busy:
                raise ClickHouseError.of(
                    SESSION_IS_LOCKED, f"Session {use.name} is locked by a concurrent client"
                )
            session.busy = True
            return session

    def _check_room(self) -> None:
        with self._lock:
            used = sum(session.connection is not None for session in self._sessions.values())
        if used >= _MAX_CONNECTIONS:
            raise ClickHouseError.of(
                TOO_MANY_SIMULTANEOUS_QUERIES,
                f"Too many sessions with settings or temporary tables: {used}; let some time out",
            )
