"""The passwords of a stack's own broker: a folder with a file for each user, named after the user."""

import re
from pathlib import Path

from infra.errors import StackError
from infra.kafka.principals import USERS
from infra.secret_files import make_secret

# Nothing that Kafka's tools or a URL would have to quote, and too long to be guessed.
_PASSWORD = re.compile(r"[A-Za-z0-9_-]{20,}")


def ensure_passwords(folder: Path) -> None:
    """Make the folder, and a random password for each user who has none.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    for user in USERS:
        make_secret(folder / user)


def read_passwords(folder: Path) -> dict[str, str]:
    """Each user's password.

    Raises:
        StackError: a file is missing or holds no password.
    """
    return {user: read_password(folder, user) for user in USERS}


def read_password(folder: Path, user: str) -> str:
    """One user's password.

    Raises:
        StackError: the file is missing or holds no password.
    """
    file = folder / user
    try:
        password = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"The Kafka password in {file} cannot be read ({error}): restore it.") from error
    if not _PASSWORD.fullmatch(password):
        raise StackError(f"{file} holds no password (20 or more letters, digits, - and _): restore it.")
    return password
