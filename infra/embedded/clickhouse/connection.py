"""A connection made ready for one statement: its database, settings and parameters, and nobody else's."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import chdb
from chdb.state.sqlitelike import Connection

from infra.embedded.clickhouse.errors import SYNTAX_ERROR, ClickHouseError
from infra.embedded.clickhouse.quoting import quote_name, quote_string, set_statement
from infra.embedded.clickhouse.settings import Settings
from schemas.tables import DATABASE

_LONG_QUERY = 50_000


def engine_address(settings: Settings) -> str:
    """What chdb connects to: the folder, the engine's limits, and the settings of each connection."""
    defaults = {
        "max_server_memory_usage": settings.memory,
        "max_memory_usage": settings.statement_memory,
        "max_threads": settings.threads,
        "mark_cache_size": settings.memory // 8,
        "primary_index_cache_size": settings.memory // 16,
        "uncompressed_cache_size": settings.memory // 16,
        "use_uncompressed_cache": 1,  # by statements that read up to a million rows
        "async_insert": 0,  # an insert that has been answered is in the table
        "implicit_select": 0,  # as the server has it
    }
    return f"{settings.path}?" + "&".join(f"{name}={value}" for name, value in defaults.items())


def open_connection(address: str) -> Connection:
    """A new connection to the engine, which the first one starts and the last one to be closed stops."""
    connection: Connection = chdb.connect(address)  # type: ignore[no-untyped-call] # chdb leaves it out
    return connection


def connect(address: str) -> Connection:
    """A new connection in the database that Promethios uses."""
    connection = open_connection(address)
    connection.query(f"USE {quote_name(DATABASE)}")
    return connection


def sql_text(sql: bytes) -> str:
    """SQL as the binding takes it.

    Raises:
        ClickHouseError: it is not UTF-8; ClickHouse would take any bytes, the binding does not.
    """
    try:
        return sql.decode()
    except UnicodeDecodeError as error:
        raise ClickHouseError.of(SYNTAX_ERROR, f"Syntax error: the query is not UTF-8: {error}") from error


def prepare(
    connection: Connection, database: str | None, settings: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    """Set up a new connection for one statement."""
    if database:
        connection.query(f"USE {quote_name(database)}")
    if parameters:
        _bind(connection, parameters)
    if settings:
        connection.query(set_statement(settings))


def _bind(connection: Connection, parameters: Mapping[str, str]) -> None:
    sql = set_statement({f"param_{name}": value for name, value in parameters.items()})
    if len(sql) < _LONG_QUERY:
        connection.query(sql)
        return
    # A server takes parameters of any length, beside the query; here they are one, and count as such.
    [before] = _lines(connection, "SELECT getSetting('max_query_size')")
    connection.query(f"SET max_query_size = {4 * len(sql)}")
    connection.query(sql)
    connection.query(f"SET max_query_size = {before}")


@contextmanager
def prepared(
    connection: Connection, database: str | None, settings: Mapping[str, str], parameters: Mapping[str, str]
) -> Iterator[None]:
    """Set up a session's connection for one statement, and afterwards give back what the session had."""
    changed = "SELECT name, value FROM system.settings WHERE changed FORMAT JSONCompactEachRow"
    had = {name: value for name, value in map(json.loads, _lines(connection, changed)) if name in settings}
    [session_database] = _lines(connection, "SELECT currentDatabase()")
    prepare(connection, database, settings, parameters)
    try:
        yield
    finally:
        connection.query(f"USE {quote_name(session_database)}")
        back = [f"{n} = {quote_string(had[n])}" if n in had else f"{n} = DEFAULT" for n in settings]
        if back:
            connection.query("SET " + ", ".join(back))


def _lines(connection: Connection, sql: str) -> list[str]:
    text: str = connection.query(sql, "TSVRaw").bytes().decode()
    return text.removesuffix("\n").split("\n") if text else []
