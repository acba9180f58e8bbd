"""`promethios audit delivery`: what agents sent beside what is stored, and why the two differ."""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from infra.cli.addresses import effective_clickhouse_url, operators_kafka
from infra.cli.moments import parse_span
from infra.cli.options import DEFAULT_DATA_DIR, AsJson, DataDir
from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.settings import StackSettings, child_environment
from infra.supervisor.stack_file import read
from runtime.settings import KAFKA_URL
from schemas.delivery import Audit, Delivery

group = typer.Typer(help="What can be shown of a running stack's promises.", no_args_is_help=True)

# A process of its own: the services' code is theirs, and we import none of it.
_MODULE = "stream_processors.delivery"
_CLICKHOUSE_URL = "PROMETHIOS_CLICKHOUSE_URL"
_HOURS = "PROMETHIOS_DELIVERY_HOURS"
_COUNTS = (
    "requests",
    "accepted",
    "repeated",
    "late",
    "dead",
    "waiting",
    "expired",
    "erased",
    "stored",
    "unexplained",
)
_ALWAYS = frozenset({"requests", "accepted", "stored", "unexplained"})


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="audit")


@group.callback()
def _group() -> None:
    """Keeps `delivery` a subcommand, although it is the only one."""


@group.command()
def delivery(
    agent: Annotated[str | None, typer.Option("--agent", help="This agent's id only.")] = None,
    since: Annotated[
        str | None, typer.Option(help="The hours of this time: 24h, 7d; all, if left out.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also the hours of which all is stored.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Compare, by agent and hour, the events that Kafka has accepted with those that are stored."""
    found = _run(data_dir, since)
    chosen = [one for one in found.deliveries if agent is None or one.agent_id == agent]
    shown = [one for one in chosen if every or one.accepted != one.stored]
    if as_json:
        typer.echo(orjson.dumps(_as_json(found, shown), option=orjson.OPT_INDENT_2).decode())
    else:
        Console().print(_table(shown))
        typer.echo(_sum(chosen, found))
    if any(one.unexplained for one in chosen):
        raise typer.Exit(1)


def _as_json(found: Audit, shown: list[Delivery]) -> dict[str, object]:
    rows = [msgspec.to_builtins(one) | {"unexplained": one.unexplained} for one in shown]
    return {"since": found.since, "until": found.until, "undecodable": found.undecodable, "deliveries": rows}


def _table(deliveries: list[Delivery]) -> Table:
    """Without the columns that would hold nothing but zeros: all of them are too wide for a terminal."""
    named = [name for name in _COUNTS if name in _ALWAYS or any(getattr(one, name) for one in deliveries)]
    table = Table("tenant", "agent", "hour", *[Column(name, justify="right") for name in named])
    for one in deliveries:
        hour = datetime.fromtimestamp(one.hour / 1000, UTC)
        counts = [str(getattr(one, name)) for name in named]
        table.add_row(one.tenant_id, one.agent_id, f"{hour:%Y-%m-%d %H:00}", *counts)
    return table


def _sum(deliveries: list[Delivery], found: Audit) -> str:
    sums = {name: sum(getattr(one, name) for one in deliveries) for name in _COUNTS}
    said = ", ".join(f"{count} {name}" for name, count in sums.items())
    unread = (
        f"; {found.undecodable} records cannot be read (`promethios dlq list`)" if found.undecodable else ""
    )
    return f"{len(deliveries)} hours of agents: {said}{unread}."


def _run(data_dir: Path, since: str | None) -> Audit:
    folder = DataFolder.at(data_dir)
    clickhouse = effective_clickhouse_url(folder, read(folder), StackSettings.from_env())
    additions = {KAFKA_URL: operators_kafka(data_dir).url, _CLICKHOUSE_URL: clickhouse}
    if since is not None:
        hours = -(-int(parse_span(since).total_seconds()) // 3600)
        additions[_HOURS] = str(max(1, hours))
    # Its log goes to a file, lest a full pipe hold it up; only why it failed is shown.
    with tempfile.TemporaryFile() as log:
        done = subprocess.run(
            [sys.executable, "-m", _MODULE],
            env=child_environment(additions),
            stdout=subprocess.PIPE,
            stderr=log,
            check=False,
        )
        if done.returncode:
            log.seek(0)
            said = log.read().decode(errors="replace").strip().splitlines()
            raise StackError(said[-1] if said else f"The audit ended with code {done.returncode}.")
    return msgspec.json.decode(done.stdout, type=Audit)
