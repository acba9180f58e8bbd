"""Files that hold secrets: readable by their owner alone from their first byte on."""

import os
import secrets
from pathlib import Path

_SECRET_BYTES = 32


def write_private(path: Path, text: str) -> None:
    """Write so that a kill leaves the whole file or none, and nobody else can read it."""
    write_atomically(path, text, mode=0o600)


def make_secret(path: Path) -> None:
    """Put a random secret of letters, digits, `-` and `_` there, unless there is a file already."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(_SECRET_BYTES) + "\n")


def write_atomically(path: Path, text: str, *, mode: int) -> None:
    """Write so that a kill leaves the whole file or none."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    # What a process of the same number left behind may have other rights.
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
