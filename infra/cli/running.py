"""Find the running stack that a subcommand is about."""

from dataclasses import dataclass
from pathlib import Path

from infra.errors import StackError
from infra.supervisor.control import ServiceState, Supervisor
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import StackFile, read


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack whose supervisor answers."""

    folder: DataFolder
    stack: StackFile
    supervisor: Supervisor
    states: list[ServiceState]


def running_stack(data_dir: Path) -> RunningStack:
    """The running stack of a data folder.

    Raises:
        StackError: there is none, or it is not running.
    """
    folder = DataFolder.at(data_dir)
    stack = read(folder)
    supervisor = Supervisor(Path(stack.supervisor_socket))
    states = supervisor.states()
    if states is None:
        raise not_running(folder)
    return RunningStack(folder, stack, supervisor, states)


def not_running(folder: DataFolder) -> StackError:
    """The error that says so."""
    return StackError(
        f"The stack in {folder.root} is not running: start it with `promethios up --data-dir {folder.root}`."
    )
