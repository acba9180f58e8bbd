"""`promethios down`: stop a stack that runs in the background."""

from pathlib import Path

import psutil
import typer
from rich.console import Console

from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.cli.running import not_running
from infra.errors import StackError
from infra.supervisor import leftovers
from infra.supervisor.control import Supervisor
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import read

_STOP_SECONDS = 120


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command()(down)


def down(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Stop all services of a stack, intake first and stores last."""
    folder = DataFolder.at(data_dir)
    stack = read(folder)
    console = Console()
    stopped = stop_supervisor(Supervisor(Path(stack.supervisor_socket)))
    left = leftovers.find(folder)
    leftovers.end(left)
    if not stopped and not left:
        raise not_running(folder)
    console.print(f"The stack in {folder.root} has stopped; its data stays.", highlight=False, soft_wrap=True)


def stop_supervisor(supervisor: Supervisor) -> bool:
    """Stop the supervisor and what it runs, and wait for the end; False when none was running.

    Raises:
        StackError: it did not end in time.
    """
    pid = supervisor.pid()
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        supervisor.shut_down()
        process.wait(_STOP_SECONDS)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        raise StackError(
            f"The services did not stop within {_STOP_SECONDS} seconds: see `promethios status` and the logs."
        ) from None
    return True
