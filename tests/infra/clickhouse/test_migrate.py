"""Migrations on the real engine: applied once, and after a cut-off run as if it had not been cut off."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver import Client
from pydantic import SecretStr

from infra.clickhouse import migrate as module
from infra.clickhouse.migrate import migrate, plan, standing, undo
from infra.clickhouse.migrations import FOLDER, Migration, MigrationError, load, statements
from runtime.settings import ClickHouseAddress
from schemas.tables import DATABASE, MIGRATIONS_TABLE, Table
from tests.infra.embedded.clickhouse.front import PASSWORD, USER, EmbeddedClickHouse
from tests.ports import unused

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseAddress]:
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("clickhouse")).start()
    yield ClickHouseAddress("127.0.0.1", front.port, USER, SecretStr(PASSWORD), DATABASE, secure=False)
    front.stop()


@pytest.fixture
def client(address: ClickHouseAddress) -> Iterator[Client]:
    client = clickhouse_connect.get_client(
        host=address.host, port=address.port, username=USER, password=PASSWORD, database=DATABASE
    )
    yield client
    client.close()


def forms(client: Client) -> dict[str, str]:
    """Every table and view as it would be made: columns with their codecs, keys, TTL and settings."""
    named = "SELECT name, create_table_query FROM system.tables WHERE database = {database:String}"
    found = client.query(named, parameters={"database": DATABASE}).result_rows
    return {str(name): str(text) for name, text in found}


def test_all_tables_are_made_once(address: ClickHouseAddress, client: Client) -> None:
    assert [migration.version for migration in migrate(address)] == [m.version for m in load()]
    assert migrate(address) == []
    named = "SELECT name FROM system.tables WHERE database = {database:String}"
    tables = {row[0] for row in client.query(named, parameters={"database": DATABASE}).result_rows}
    assert {str(table) for table in Table} | {MIGRATIONS_TABLE} <= tables


@pytest.mark.parametrize("done", [True, False], ids=["after the statement", "before the statement"])
def test_a_run_that_was_cut_off_is_finished(address: ClickHouseAddress, client: Client, done: bool) -> None:
    migrate(address)
    newest = forms(client)
    last = load()[-1]
    finished = f"ALTER TABLE {MIGRATIONS_TABLE} DELETE WHERE version = {{v:UInt32}} AND state = 'finished'"
    client.command(finished, parameters={"v": last.version}, settings={"mutations_sync": 2})
    if not done:
        for statement in statements(next(FOLDER.glob(f"{last.version:04}_*.down.sql")).read_text()):
            client.command(statement)
        assert forms(client) != newest
    assert migrate(address) == [last]
    assert migrate(address) == []
    assert forms(client) == newest


def test_all_is_undone_and_made_again(address: ClickHouseAddress, client: Client) -> None:
    migrate(address)
    newest = forms(client)
    assert plan(address) == []
    assert plan(address, 3) == load()[:2:-1]
    undone = undo(address, 0)
    assert [migration.version for migration in undone] == [m.version for m in reversed(load())]
    assert set(forms(client)) == {MIGRATIONS_TABLE}
    assert all(one.applied is None for one in standing(address))
    assert plan(address) == load()
    assert migrate(address) == load()
    assert forms(client) == newest


@pytest.mark.parametrize("done", [0, 1], ids=["at once", "after a statement"])
def test_an_undoing_that_was_cut_off_is_finished(
    address: ClickHouseAddress, client: Client, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    migrate(address)
    newest = forms(client)
    last = load()[-1]
    run = module._run

    def cut_off(client: Client, texts: Iterable[str], what: str, tolerated: set[int]) -> None:
        texts = list(texts)
        run(client, texts[:done] if what.startswith("Undoing") else texts, what, tolerated)
        if what.startswith("Undoing"):
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "_run", cut_off)
    with pytest.raises(KeyboardInterrupt):
        undo(address, last.version - 1)
    monkeypatch.undo()
    with pytest.raises(MigrationError, match=f"down --to {last.version - 1}"):
        migrate(address)
    assert undo(address, last.version - 1) == [last]
    assert migrate(address) == [last]
    assert forms(client) == newest


# Those that fill tables are cut off in test_roll_ups.
MANY = [one for one in load() if len(one.statements) > 1 and "INSERT INTO" not in one.sql]


@pytest.mark.parametrize("migration", MANY, ids=lambda migration: migration.title)
def test_a_migration_may_be_cut_off_at_any_statement_on_its_way_up_and_down(
    address: ClickHouseAddress, client: Client, monkeypatch: pytest.MonkeyPatch, migration: Migration
) -> None:
    """Each run begins with the first statement; what migrations repeat, they do so table by table."""
    run = module._run

    def cut_off(count: int, client: Client, texts: Iterable[str], what: str, tolerated: set[int]) -> None:
        run(client, list(texts)[:count], what, tolerated)
        if str(migration) in what:
            raise KeyboardInterrupt

    undo(address, migration.version - 1)
    monkeypatch.setattr(module, "load_views", list)
    monkeypatch.setattr(module, "load", lambda: load()[: migration.version - 1])
    migrate(address)
    older = forms(client)
    monkeypatch.setattr(module, "load", lambda: load()[: migration.version])
    migrate(address)
    newer = forms(client)
    ways: list[tuple[Callable[[], object], int, dict[str, str]]] = [
        (lambda: undo(address, migration.version - 1), len(migration.undo_statements), older),
        (lambda: migrate(address), len(migration.statements), newer),
    ]
    for act, total, wanted in ways:
        for count in sorted({1, 2, 3, total - 1}):
            monkeypatch.setattr(module, "_run", partial(cut_off, count))
            with pytest.raises(KeyboardInterrupt):
                act()
            monkeypatch.setattr(module, "_run", run)
        act()
        assert forms(client) == wanted


def test_a_table_of_somebody_elses_is_not_taken_for_ours(
    address: ClickHouseAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    migrate(address)
    for migration in load():
        (tmp_path / f"{migration.version:04}_{migration.title}.up.sql").write_text(migration.sql)
        (tmp_path / f"{migration.version:04}_{migration.title}.down.sql").write_text(migration.undo)
    extra = tmp_path / f"{len(load()) + 1:04}_heartbeats.up.sql"
    extra.with_name(extra.name.replace(".up.", ".down.")).write_text("SELECT 1")
    extra.write_text(f"CREATE TABLE {Table.HEARTBEATS} (x Int8) ENGINE = MergeTree ORDER BY x")
    monkeypatch.setattr(module, "load", lambda: load(tmp_path))
    with pytest.raises(MigrationError, match=r"heartbeats failed"):
        migrate(address)
    undo(address, len(load(FOLDER)))


def test_a_server_that_is_not_there_is_an_error() -> None:
    nobody = ClickHouseAddress("127.0.0.1", unused(), USER, SecretStr("x"), DATABASE, secure=False)
    with pytest.raises(MigrationError, match="refused"):
        migrate(nobody)
