"""`promethios migrate`: the tables' form: what it is, to the newest, back to an older one."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from infra.cli.addresses import clickhouse_address
from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.clickhouse import migrate as runner
from infra.clickhouse.cluster import render
from infra.clickhouse.migrations import Migration, MigrationError
from infra.clickhouse.views import load_views
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.settings import StackSettings
from infra.supervisor.stack_file import read
from runtime.settings import ClickHouseAddress

group = typer.Typer(
    help="The form of the tables: apply migrations, take them back.", invoke_without_command=True
)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only print the SQL that would be run.")]
OnCluster = Annotated[
    str | None,
    typer.Option("--cluster", help="With --dry-run: as SQL for a cluster of this name, replicated."),
]


_UP_TO_DATE = "The tables are up to date."


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="migrate")


@group.callback()
def migrate(
    context: typer.Context,
    dry_run: DryRun = False,
    cluster: OnCluster = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Apply the migrations that ClickHouse does not have yet; `promethios up` does so too."""
    if context.invoked_subcommand is None:
        up(dry_run=dry_run, cluster=cluster, data_dir=data_dir)


@group.command()
def up(dry_run: DryRun = False, cluster: OnCluster = None, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Apply the migrations that ClickHouse does not have yet, and make the views anew if one has changed."""
    _require_dry_run(cluster, dry_run=dry_run)
    address = _address(data_dir)
    if dry_run:
        todo = runner.plan(address)
        for migration in todo:
            _print_sql(f"{migration}", migration.statements, cluster)
        if not todo:
            typer.echo(_UP_TO_DATE)
        else:
            _print_sql("views", (view.sql.strip().removesuffix(";") for view in load_views()), cluster)
        return
    _report("applied", runner.migrate(address), _UP_TO_DATE)


@group.command()
def down(
    to: Annotated[int, typer.Option("--to", min=0, help="The last migration that stays; 0 takes all back.")],
    yes: Annotated[bool, typer.Option("--yes", help="Yes, the tables' rows may go.")] = False,
    dry_run: DryRun = False,
    cluster: OnCluster = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Take migrations back, the newest first, with the rows of their tables and columns."""
    _require_dry_run(cluster, dry_run=dry_run)
    address = _address(data_dir)
    todo = runner.plan(address, to)
    if dry_run:
        for migration in todo:
            _print_sql(f"undo {migration}", migration.undo_statements, cluster)
        return
    if todo and not yes:
        raise MigrationError(
            f"That takes back {', '.join(map(str, todo))}, and what they hold: "
            "look with --dry-run, then say --yes."
        )
    _report("undone", runner.undo(address, to), f"Nothing above {to} is applied.")


@group.command()
def status(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """List the migrations, and which are applied."""
    table = Table(Column("migration", no_wrap=True), "state", "since")
    for one in runner.standing(_address(data_dir)):
        applied = one.applied
        at = f"{applied.at:%Y-%m-%d %H:%M:%S}" if applied and applied.at else ""
        table.add_row(str(one.migration), _state(one), at)
    Console().print(table)


def _state(one: runner.Standing) -> str:
    applied = one.applied
    if applied is None:
        return "pending"
    if applied.undoing:
        return "half undone"
    if not applied.finished:
        return "cut off"
    return "applied" if applied.checksum == one.migration.checksum else "changed since"


def _address(data_dir: Path) -> ClickHouseAddress:
    folder = DataFolder.at(data_dir)
    return clickhouse_address(folder, read(folder), StackSettings.from_env())


def _require_dry_run(cluster: str | None, *, dry_run: bool) -> None:
    if cluster is not None and not dry_run:
        raise MigrationError("--cluster only prints: say --dry-run too, and run the SQL on the cluster.")


def _print_sql(title: str, statements: Iterable[str], cluster: str | None) -> None:
    typer.echo(f"-- {title}")
    for statement in statements:
        if cluster is None:
            typer.echo(f"{statement};\n")
            continue
        rendered = render(statement, cluster)
        note = "-- on one replica of each shard:\n" if rendered.every_shard else ""
        typer.echo(f"{note}{rendered.sql};\n")


def _report(done: str, migrations: Sequence[Migration], nothing: str) -> None:
    console = Console(highlight=False)
    for migration in migrations:
        console.print(f"{done} {migration}")
    if not migrations:
        console.print(nothing)
