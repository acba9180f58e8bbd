"""`promethios logs`: what the services have logged, and what they log now."""

import os
import time
from collections import deque
from pathlib import Path
from typing import Annotated, TextIO

import typer

from infra.cli.options import DEFAULT_DATA_DIR, DataDir
from infra.cli.running import running_stack
from infra.errors import StackError
from infra.supervisor.data_folder import DataFolder

_POLL_SECONDS = 0.25
_LINES = 100


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command()(logs)


def logs(
    service: Annotated[str | None, typer.Argument(help="One service; without it, all.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of the past.")] = _LINES,
) -> None:
    """Show the last lines of the services' logs."""
    running = running_stack(data_dir)
    files = select(running.folder, [state.name for state in running.states], service)
    for name, path in files.items():
        for line in tail(path, lines):
            typer.echo(_prefixed(name, line, alone=service is not None))
    if follow:
        _follow(files, alone=service is not None)


def select(folder: DataFolder, names: list[str], service: str | None) -> dict[str, Path]:
    """The log files by service; `gateway` also means all gateway processes.

    Raises:
        StackError: there is no such service.
    """
    wanted = [name for name in names if service in {None, name, name.partition("-")[0]}]
    if not wanted:
        raise StackError(f"There is no service {service!r}: choose one of {', '.join(sorted(names))}.")
    return {name: folder.logs / f"{name}.log" for name in wanted}


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a file, without their ends; none when there is no file."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=lines)]
    except FileNotFoundError:
        return []


class Follower:
    """Reads what is appended to a log file, across its rotation."""

    def __init__(self, path: Path) -> None:
        """Start at the file's present end."""
        self._path = path
        self._file: TextIO | None = None
        self._open(at_end=True)

    def read(self) -> list[str]:
        """The whole lines since the last call."""
        found = self._read_lines()
        if self._was_rotated():
            self.close()
            self._open(at_end=False)
            found += self._read_lines()
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, *, at_end: bool) -> None:
        if self._path.exists():
            self._file = self._path.open(encoding="utf-8", errors="replace")
            if at_end:
                self._file.seek(0, 2)

    def _read_lines(self) -> list[str]:
        found: list[str] = []
        while self._file is not None:
            position = self._file.tell()
            line = self._file.readline()
            if not line.endswith("\n"):
                # Half a line is read again when its end is there.
                self._file.seek(position)
                break
            found.append(line.rstrip("\n"))
        return found

    def _was_rotated(self) -> bool:
        if self._file is None:
            return self._path.exists()
        if not self._path.exists():
            return False
        return not os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())


def _follow(files: dict[str, Path], *, alone: bool) -> None:
    followers = {name: Follower(path) for name, path in files.items()}
    try:
        while True:
            for name, follower in followers.items():
                for line in follower.read():
                    typer.echo(_prefixed(name, line, alone=alone))
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        return
    finally:
        for follower in followers.values():
            follower.close()


def _prefixed(name: str, line: str, *, alone: bool) -> str:
    return line if alone else f"{name:<12} {line}"
