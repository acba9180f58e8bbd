"""`promethios demo`: agents that do real work and report it to a running stack."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from infra.cli.addresses import clickhouse_address
from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.cli.running import RunningStack, running_stack
from infra.demo.run import DemoOptions, run_demo
from infra.demo.site import StackAddresses
from infra.supervisor.environment import http_url
from infra.supervisor.settings import StackSettings

_MAX_AGENTS = 100
_MIN_SECONDS = 5
_MAX_SECONDS = 3600
# The table of results needs it; a file or pipe has no width of its own.
_PLAIN_WIDTH = 160
_INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command()(demo)


def demo(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    agents: Annotated[int, typer.Option(min=1, max=_MAX_AGENTS, help="How many agents.")] = 20,
    seconds: Annotated[
        int, typer.Option(min=_MIN_SECONDS, max=_MAX_SECONDS, help="How long they work.")
    ] = 60,
    seed: Annotated[int, typer.Option(help="Who misbehaves, and when.")] = 1,
) -> None:
    """Let agents do real jobs and report them, a few of them badly, and show what became of it."""
    running = running_stack(data_dir)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PLAIN_WIDTH)
    options = DemoOptions(agents, seconds, seed)
    try:
        complete = asyncio.run(run_demo(_addresses(running), options, console))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(_INTERRUPTED) from None
    if not complete:
        raise typer.Exit(1)


def _addresses(running: RunningStack) -> StackAddresses:
    folder, stack = running.folder, running.stack
    return StackAddresses(
        gateway_url=http_url(stack, "gateway"),
        query_url=http_url(stack, "query"),
        operator_token=folder.admin_token_file.read_text(encoding="utf-8").strip(),
        clickhouse=clickhouse_address(folder, stack, StackSettings.from_env()),
    )
