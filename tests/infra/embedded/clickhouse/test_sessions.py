"""Sessions: what SET, USE and temporary tables leave behind, for how long, and for whom."""

import pytest

from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.sessions import Sessions, SessionUse
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

THREADS = "SELECT getSetting('max_threads'), getSetting('max_block_size')"


def test_set_and_use_last_for_the_session(clickhouse_front: EmbeddedClickHouse) -> None:
    outside = clickhouse_front.query(THREADS).split()
    clickhouse_front.query("SET max_threads = 5", session_id="set", max_threads=1)
    assert clickhouse_front.query(THREADS, session_id="set").split() == ["5", outside[1]]
    clickhouse_front.query("USE system", session_id="set", database="default")
    assert clickhouse_front.query("SELECT currentDatabase()", session_id="set") == "system\n"
    assert clickhouse_front.query(THREADS).split() == outside


def test_settings_of_a_statement_do_not_stay_in_its_session(clickhouse_front: EmbeddedClickHouse) -> None:
    outside = clickhouse_front.query(THREADS).split()
    clickhouse_front.query("SET max_threads = 5", session_id="own")
    once = clickhouse_front.query(
        THREADS, session_id="own", max_threads=3, max_block_size=9, database="system"
    )
    assert once.split() == ["3", "9"]
    assert clickhouse_front.query(THREADS, session_id="own").split() == ["5", outside[1]]
    assert clickhouse_front.query("SELECT currentDatabase()", session_id="own") == "promethios\n"
    failed = clickhouse_front.request("SELECT no_such_column", session_id="own", max_threads=3)
    assert failed.status == 404
    assert clickhouse_front.query(THREADS, session_id="own").split() == ["5", outside[1]]


def test_temporary_tables_belong_to_their_session(clickhouse_front: EmbeddedClickHouse) -> None:
    clickhouse_front.query("CREATE TEMPORARY TABLE mine (n UInt8)", session_id="tables")
    clickhouse_front.query("INSERT INTO mine VALUES (1), (2)", session_id="tables")
    assert clickhouse_front.query("SELECT sum(n) FROM mine", session_id="tables") == "3\n"
    for arguments in ({}, {"session_id": "other"}):
        assert clickhouse_front.request("SELECT sum(n) FROM mine", None, {}, **arguments).status == 404


def test_a_session_that_must_exist(clickhouse_front: EmbeddedClickHouse) -> None:
    response = clickhouse_front.request("SELECT 1", session_id="absent", session_check=1)
    assert response.headers["X-ClickHouse-Exception-Code"] == "372"
    clickhouse_front.query("SELECT 1", session_id="present")
    assert clickhouse_front.query("SELECT 1", session_id="present", session_check=1) == "1\n"


class _Connection:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def made() -> list[_Connection]:
    return []


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def sessions(made: list[_Connection], clock: _Clock) -> Sessions:
    def connect() -> _Connection:
        made.append(_Connection())
        return made[-1]

    return Sessions(connect, clock)  # type: ignore[arg-type] # all that is used of a connection is close


def test_a_session_gets_a_connection_when_it_needs_one(sessions: Sessions, made: list[_Connection]) -> None:
    use = SessionUse("name", 60.0)
    with sessions.use(use, changes=False) as connection:
        assert connection is None
    with sessions.use(use, changes=True) as first:
        assert [id(connection) for connection in made] == [id(first)]
    with sessions.use(use, changes=False) as again:
        assert again is first


def test_a_session_ends_after_its_time(sessions: Sessions, made: list[_Connection], clock: _Clock) -> None:
    use = SessionUse("name", 60.0, must_exist=True)
    with sessions.use(SessionUse("name", 60.0), changes=True):
        pass
    clock.now += 59
    sessions.sweep()
    with sessions.use(use, changes=False) as connection:
        assert connection is not None
    clock.now += 66
    sessions.sweep()
    assert [connection.closed for connection in made] == [True]
    with pytest.raises(ClickHouseError, match="not found"):
        sessions.use(use, changes=False).__enter__()


def test_a_session_serves_one_statement_at_a_time(sessions: Sessions) -> None:
    use = SessionUse("name", 60.0)
    other = SessionUse("other", 60.0)
    with (
        sessions.use(use, changes=False),
        sessions.use(other, changes=False),
        pytest.raises(ClickHouseError, match="SESSION_IS_LOCKED"),
    ):
        sessions.use(use, changes=False).__enter__()
    with sessions.use(use, changes=False):
        pass


def test_there_is_a_limit_to_connections(sessions: Sessions, made: list[_Connection]) -> None:
    for number in range(64):
        with sessions.use(SessionUse(str(number), 60.0), changes=True):
            pass
    with pytest.raises(ClickHouseError, match="Too many sessions"):
        sessions.use(SessionUse("one more", 60.0), changes=True).__enter__()
    assert len(made) == 64
    sessions.close()
    assert all(connection.closed for connection in made)
