"""`promethios migrate`: bring the tables to the newest form."""

import typer
from rich.console import Console

from infra.cli.addresses import clickhouse_address
from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.clickhouse import migrate as runner
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.settings import StackSettings
from infra.supervisor.stack_file import read


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command()(migrate)


def migrate(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Apply the migrations that ClickHouse does not have yet; `up` does so too."""
    folder = DataFolder.at(data_dir)
    applied = runner.migrate(clickhouse_address(folder, read(folder), StackSettings.from_env()))
    console = Console(highlight=False)
    for migration in applied:
        console.print(f"applied {migration.version:04} {migration.title}")
    if not applied:
        console.print("The tables are up to date.")
