"""Find and end services that outlived their supervisor, as after a SIGKILL of it."""

import contextlib
from collections.abc import Iterator

import psutil

from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import DATA_DIR_VARIABLE

_PATIENCE_SECONDS = 15.0
_TITLE = "promethios: "


def find(folder: DataFolder) -> list[psutil.Process]:
    """Services of this data folder that still run, and their supervisor."""
    return [process for process in _other_processes() if _belongs(process, folder)]


def end(processes: list[psutil.Process]) -> None:
    """Ask the processes to end, and kill those that do not."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=_PATIENCE_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=_PATIENCE_SECONDS)


def _other_processes() -> Iterator[psutil.Process]:
    me = psutil.Process()
    mine = {me.pid, *(parent.pid for parent in me.parents())}
    return (process for process in psutil.process_iter() if process.pid not in mine)


def _belongs(process: psutil.Process, folder: DataFolder) -> bool:
    """Whether supervisord started it for this folder: it works in the folder's `run`, and is one of ours.

    A shell may be in that folder too. A process that has set its title has thereby overwritten what the
    system shows of its environment; one that has not yet is told by the environment.
    """
    try:
        if process.cwd() != str(folder.run.resolve()):
            return False
        title = " ".join(process.cmdline())
        return title.startswith(_TITLE) or DATA_DIR_VARIABLE in process.environ()
    except (psutil.Error, OSError):
        return False
