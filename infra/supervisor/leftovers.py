"""Find and end services that outlived their supervisor, as after a SIGKILL of it."""

import contextlib
from collections.abc import Iterator

import psutil

from infra.supervisor.data_folder import DataFolder
from infra.supervisor.environment import DATA_DIR_VARIABLE

_PATIENCE_SECONDS = 15.0


def find(folder: DataFolder) -> list[psutil.Process]:
    """Services of this data folder that still run, told by their environment; supervisord is one of them."""
    return [process for process in _own_processes() if _belongs(process, folder)]


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


def _own_processes() -> Iterator[psutil.Process]:
    me = psutil.Process()
    mine = {me.pid, *(parent.pid for parent in me.parents())}
    return (process for process in psutil.process_iter() if process.pid not in mine)


def _belongs(process: psutil.Process, folder: DataFolder) -> bool:
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return False
    return environment.get(DATA_DIR_VARIABLE) == str(folder.root) and _is_service(environment)


def _is_service(environment: dict[str, str]) -> bool:
    # A shell in which somebody set the data folder is no service: only supervisord adds this one.
    return "PROMETHIOS_SOCKET_DIR" in environment
