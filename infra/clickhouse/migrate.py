"""Bring the tables to the newest form, or back to an older one, and say how they stand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import clickhouse_connect
from clickhouse_connect.driver import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from infra.clickhouse.ledger import Ledger, Mark
from infra.clickhouse.migrations import Applied, Migration, MigrationError, load, pending, to_undo
from infra.clickhouse.views import checksum, load_views
from runtime.settings import ClickHouseAddress

_UNKNOWN_DATABASE = 81
# What a statement meets that took effect before its run was cut off: its table, database or column.
_ALREADY_THERE = {57, 82, 15, 44}
# And when it is undone: no such table, column or index any more.
_ALREADY_GONE = {60, 16, 10, 36}


@dataclass(frozen=True, slots=True)
class Standing:
    """A migration, and what the ledger says of it; None: it was never begun."""

    migration: Migration
    applied: Applied | None


def migrate(address: ClickHouseAddress) -> list[Migration]:
    """Bring tables and views to the newest form and return the migrations that were applied.

    A run may be cut off anywhere: the ledger is told before and after each migration, and a statement that
    was begun and finds its work done counts as done. One run at a time is assumed.

    Raises:
        MigrationError: a statement failed, or ledger and files do not fit together.
    """
    with _connected(address) as client:
        ledger = Ledger(client)
        ledger.prepare()
        known = ledger.read()
        todo = pending(load(), known)
        for migration in todo:
            ledger.mark(migration, Mark.STARTED)
            repeated = _ALREADY_THERE if migration.version in known else set[int]()
            _run(client, migration.statements, f"Migration {migration}", repeated)
            ledger.mark(migration, Mark.FINISHED)
        _renew_views(client, ledger)
    return todo


def undo(address: ClickHouseAddress, target: int) -> list[Migration]:
    """Take back all migrations above `target`, the newest first, and the views; returns them.

    The rows of their tables go; those that Kafka still has come back when the writer's offsets are reset.

    Raises:
        MigrationError: a statement failed, or there is no such target.
    """
    with _connected(address) as client:
        ledger = Ledger(client)
        ledger.prepare()
        todo = to_undo(load(), ledger.read(), target)
        if todo:
            _run(client, (f"DROP VIEW IF EXISTS {view.name}" for view in load_views()), "The views", set())
            ledger.mark_views("")
        for migration in todo:
            ledger.mark(migration, Mark.UNDOING)
            _run(client, migration.undo_statements, f"Undoing migration {migration}", _ALREADY_GONE)
            ledger.forget(migration.version)
    return todo


def standing(address: ClickHouseAddress) -> list[Standing]:
    """Every migration and how it stands; changes nothing.

    Raises:
        MigrationError: ClickHouse refused.
    """
    with _connected(address) as client:
        known = Ledger(client).read()
    return [Standing(migration, known.get(migration.version)) for migration in load()]


def plan(address: ClickHouseAddress, target: int | None = None) -> list[Migration]:
    """What `migrate`, or `undo` with a target, would do; changes nothing.

    Raises:
        MigrationError: as they.
    """
    with _connected(address) as client:
        known = Ledger(client).read()
    return pending(load(), known) if target is None else to_undo(load(), known, target)


@contextmanager
def _connected(address: ClickHouseAddress) -> Iterator[Client]:
    try:
        client = _connect(address)
    except ClickHouseError as error:
        raise MigrationError(f"ClickHouse at {address.host}:{address.port} refused: {error}") from error
    try:
        yield client
    finally:
        client.close()


def _connect(address: ClickHouseAddress) -> Client:
    try:
        return _client(address, address.database)
    except DatabaseError as error:
        if error.code != _UNKNOWN_DATABASE:
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


def _run(client: Client, statements: Iterable[str], what: str, done: set[int]) -> None:
    for statement in statements:
        try:
            client.command(statement)
        except DatabaseError as error:
            if error.code not in done:
                raise MigrationError(f"{what} failed: {error}") from error


def _renew_views(client: Client, ledger: Ledger) -> None:
    """Make all views anew if one has changed; they hold no rows."""
    views = load_views()
    wanted = checksum(views)
    if ledger.views_checksum() == wanted:
        return
    _run(client, (view.sql.strip().removesuffix(";") for view in views), "Making the views", set())
    ledger.mark_views(wanted)
