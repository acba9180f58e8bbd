"""Apply the pending migrations, and keep the ledger of those that were applied."""

import clickhouse_connect
from clickhouse_connect.driver import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from infra.clickhouse.migrations import Applied, Migration, MigrationError, load, pending
from infra.clickhouse.views import VIEWS_VERSION, ViewFile, checksum, load_views
from runtime.settings import ClickHouseAddress
from schemas.tables import MIGRATIONS_TABLE

_STARTED = "started"
_FINISHED = "finished"
_UNKNOWN_DATABASE = 81
# What a statement meets that took effect before its run was cut off: its table, database or column.
_ALREADY_THERE = {57, 82, 15, 44}


def migrate(address: ClickHouseAddress) -> list[Migration]:
    """Bring tables and views to the newest form and return the migrations that were applied.

    A run may be cut off anywhere: the ledger is told before and after each statement, and a statement that
    was begun and finds its work done counts as done. One run at a time is assumed.

    Raises:
        MigrationError: a statement failed, or ledger and files do not fit together.
    """
    try:
        client = _connect(address)
    except ClickHouseError as error:
        raise MigrationError(f"ClickHouse at {address.host}:{address.port} refused: {error}") from error
    try:
        client.command(
            f"CREATE TABLE IF NOT EXISTS {MIGRATIONS_TABLE} (version UInt32, title String, checksum String, "
            "state LowCardinality(String), at DateTime64(3, 'UTC') DEFAULT now64(3)) "
            "ENGINE = MergeTree ORDER BY (version, at)"
        )
        ledger = _read_ledger(client)
        todo = pending(load(), ledger)
        for migration in todo:
            _apply(client, migration, was_begun=migration.version in ledger)
        _renew_views(client, load_views())
    finally:
        client.close()
    return todo


def _connect(address: ClickHouseAddress) -> Client:
    try:
        return _client(address, address.database)
    except DatabaseError as error:
        if _code(error) != _UNKNOWN_DATABASE:
            raise
    first = _client(address, "default")
    first.command(f"CREATE DATABASE IF NOT EXISTS `{address.database}`")
    first.close()
    return _client(address, address.database)


def _client(address: ClickHouseAddress, database: str) -> Client:
    return clickhouse_connect.get_client(
        host=address.host,
        port=address.port,
        username=address.username,
        password=address.password.get_secret_value(),
        database=database,
        secure=address.secure,
        autogenerate_session_id=False,
    )


def _read_ledger(client: Client) -> dict[int, Applied]:
    rows = client.query(
        "SELECT version, argMax(checksum, at), countIf(state = {finished:String}) > 0 "  # noqa: S608 - our constant
        f"FROM {MIGRATIONS_TABLE} WHERE version != {{views:UInt32}} GROUP BY version",
        parameters={"finished": _FINISHED, "views": VIEWS_VERSION},
    ).result_rows
    return {version: Applied(checksum, bool(finished)) for version, checksum, finished in rows}


def _apply(client: Client, migration: Migration, *, was_begun: bool) -> None:
    _record(client, migration, _STARTED)
    for statement in migration.statements:
        try:
            client.command(statement)
        except DatabaseError as error:
            if not (was_begun and _code(error) in _ALREADY_THERE):
                raise MigrationError(
                    f"Migration {migration.version:04} ({migration.title}) failed: {error}"
                ) from error
    _record(client, migration, _FINISHED)


def _renew_views(client: Client, views: list[ViewFile]) -> None:
    """Make all views anew if one has changed; they hold no rows."""
    newest = "SELECT argMax(checksum, at) FROM {table:Identifier} WHERE version = {views:UInt32}"
    named = {"table": MIGRATIONS_TABLE, "views": VIEWS_VERSION}
    wanted = checksum(views)
    if client.query(newest, parameters=named).result_rows == [(wanted,)]:
        return
    for view in views:
        try:
            client.command(view.sql.strip().removesuffix(";"))
        except DatabaseError as error:
            raise MigrationError(f"The view {view.name} failed: {error}") from error
    _insert(client, [VIEWS_VERSION, "views", wanted, _FINISHED])


def _record(client: Client, migration: Migration, state: str) -> None:
    _insert(client, [migration.version, migration.title, migration.checksum, state])


def _insert(client: Client, row: list[object]) -> None:
    client.insert(MIGRATIONS_TABLE, [row], column_names=["version", "title", "checksum", "state"])


def _code(error: DatabaseError) -> int | None:
    return error.code
