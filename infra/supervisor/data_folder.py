"""The data folder of a stack: its paths, its format version, its secrets and the lock on it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from infra.errors import StackError
from infra.kafka.passwords import ensure_passwords
from infra.secret_files import make_secret, write_atomically

# 2: the broker's users have passwords.
FORMAT = 2

# A Unix socket's path has at most 108 bytes with its end on Linux and 104 on macOS.
_MAX_SOCKET_PATH = 100
_LONGEST_SOCKET_NAME = "supervisor.sock.99999"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths below the root, which is absolute; nothing is touched before `prepare`."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "DataFolder":
        """The data folder at `path`, which may be relative or start with `~`."""
        return cls(path.expanduser().absolute())

    @property
    def logs(self) -> Path:
        """A log file for each service."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What lives only while the stack does: supervisord's configuration, health addresses, the lock."""
        return self.root / "run"

    @property
    def kafka(self) -> Path:
        """The broker's data."""
        return self.root / "kafka"

    @property
    def clickhouse(self) -> Path:
        """The tables' data."""
        return self.root / "clickhouse"

    @property
    def admin_token_file(self) -> Path:
        """The first operator's token."""
        return self.root / "admin.token"

    @property
    def clickhouse_password_file(self) -> Path:
        """The password of ClickHouse's user `promethios`."""
        return self.root / "clickhouse.password"

    @property
    def link_secret_file(self) -> Path:
        """What the query API signs links to downloads with."""
        return self.root / "link.secret"

    @property
    def kafka_passwords(self) -> Path:
        """A password file for each user of the stack's own broker."""
        return self.root / "kafka.passwords"

    @property
    def stack_file(self) -> Path:
        """Ports and addresses of the stack; there once it has been started."""
        return self.root / "stack.json"

    @property
    def format_file(self) -> Path:
        """The version of this layout."""
        return self.root / "format"

    @property
    def sockets(self) -> Path:
        """Where Unix sockets go: `run`, or a short private path where `run` is too deep for one."""
        if len(os.fsencode(self.run / _LONGEST_SOCKET_NAME)) <= _MAX_SOCKET_PATH:
            return self.run
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"promethios-{os.getuid()}-{digest}"

    def prepare(self) -> None:
        """Make the folder and what is missing in it; existing data and secrets stay as they are.

        Raises:
            StackError: it is not writable, was made by a Promethios of another format, or its path cannot be
                used.
        """
        if '"' in str(self.root) or not str(self.root).isprintable():
            raise StackError(
                f"The data folder's path {str(self.root)!r} holds a quote or an unprintable character: "
                "choose another with --data-dir."
            )
        try:
            for folder in (self.root, self.logs, self.run, self.kafka, self.clickhouse):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _check_writable(folder)
            self._check_format()
            make_secret(self.admin_token_file)
            make_secret(self.clickhouse_password_file)
            make_secret(self.link_secret_file)
            ensure_passwords(self.kafka_passwords)
        except OSError as error:
            raise StackError(
                f"The data folder {self.root} is not writable ({error.strerror}): "
                "make it writable, or choose another with --data-dir."
            ) from error
        self._make_socket_folder()

    def lock(self) -> FileLock:
        """Take the folder for this process; the caller releases it.

        Raises:
            StackError: another process has it.
        """
        lock = FileLock(self.run / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise StackError(
                f"The data folder {self.root} is in use by another stack: stop that one with "
                f"`promethios down --data-dir {self.root}`, or choose another folder with --data-dir."
            ) from None
        return lock

    def _check_format(self) -> None:
        if not self.format_file.exists():
            write_atomically(self.format_file, f"{FORMAT}\n", mode=0o644)
            return
        text = self.format_file.read_text(encoding="utf-8").strip()
        if not text.isdigit():
            raise StackError(
                f"{self.format_file} does not hold a number: restore it, "
                "or choose another folder with --data-dir."
            )
        if int(text) > FORMAT:
            raise StackError(
                f"The data folder {self.root} has format {text}, and this Promethios knows formats up to "
                f"{FORMAT}: install a newer Promethios, or choose another folder with --data-dir."
            )
        if int(text) < FORMAT:
            raise StackError(
                f"The data folder {self.root} has format {text}, which no released Promethios has made, and "
                f"this one needs format {FORMAT}: choose another folder with --data-dir, or remove this one."
            )

    def _make_socket_folder(self) -> None:
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = self.sockets.lstat()
        # In a shared temporary folder somebody else may have made that name first.
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise StackError(
                f"{self.sockets} must belong to you alone: remove it, or choose a shorter --data-dir."
            )


def _check_writable(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder):
        pass
