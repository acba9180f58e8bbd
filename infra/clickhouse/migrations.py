"""Find the migration files and tell which are to be applied or undone; pure but for reading the folder."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from infra.errors import StackError

FOLDER = Path(__file__).parent / "migrations"
_NAME = re.compile(r"(?P<version>\d{4})_(?P<title>[a-z0-9_]+)\.up\.sql")
_END = re.compile(r";[ \t]*(?:\n|\Z)")


class MigrationError(StackError):
    """The tables cannot be brought to the form that is wanted; the text says why."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file of statements that may be run once more after a run that was cut off.

    So each of them either undoes nothing when it is repeated, or fails because its work is done. `undo` is
    the file that takes it back.
    """

    version: int
    title: str
    sql: str
    undo: str = ""

    def __str__(self) -> str:
        return f"{self.version:04} {self.title}"

    @property
    def statements(self) -> list[str]:
        """What to run, one after the other."""
        return statements(self.sql)

    @property
    def undo_statements(self) -> list[str]:
        """What takes it back, one after the other."""
        return statements(self.undo)

    @property
    def checksum(self) -> str:
        """Tells whether the file was changed after it had been applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Applied:
    """What the ledger says of one migration; not `finished` when its run was cut off.

    `undoing` says that taking it back has begun and was cut off; `at` is when the ledger last heard of it.
    """

    checksum: str
    finished: bool
    undoing: bool = False
    at: datetime | None = None


def statements(sql: str) -> list[str]:
    """The statements of a file: each ends with a semicolon at the end of a line; the comment is left out."""
    lines = [line for line in sql.splitlines() if not line.startswith("--")]
    return [found.strip() for found in _END.split("\n".join(lines)) if found.strip()]


def load(folder: Path = FOLDER) -> list[Migration]:
    """Read all migrations in their order.

    Raises:
        MigrationError: two files have one number, numbers are left out, or one cannot be undone.
    """
    found = [_read(path, match) for path in sorted(folder.glob("*.up.sql")) if (match := _match(path))]
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError(f"The migrations in {folder} are not numbered 1, 2, 3, ... without gaps.")
    return found


def _match(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(path.name)


def _read(path: Path, match: re.Match[str]) -> Migration:
    undo = path.with_name(path.name.replace(".up.sql", ".down.sql"))
    if not undo.exists():
        raise MigrationError(f"{path} has no {undo.name}: say how it is undone.")
    sql, undo_sql = path.read_text(encoding="utf-8"), undo.read_text(encoding="utf-8")
    return Migration(int(match["version"]), match["title"], sql, undo_sql)


def pending(migrations: Iterable[Migration], ledger: Mapping[int, Applied]) -> list[Migration]:
    """The migrations that are still to be applied, the one whose run was cut off included.

    Raises:
        MigrationError: an applied file was changed since, one is half undone, or the ledger knows migrations
            that we do not.
    """
    known = _checked(migrations, ledger)
    if half := sorted(version for version, applied in ledger.items() if applied.undoing):
        raise MigrationError(
            f"Undoing migration {known[half[-1]]} was cut off: finish it with "
            f"`promethios migrate down --to {half[0] - 1}`."
        )
    return [m for m in known.values() if m.version not in ledger or not ledger[m.version].finished]


def to_undo(migrations: Iterable[Migration], ledger: Mapping[int, Applied], target: int) -> list[Migration]:
    """The migrations to take back so that `target` is the last one applied, the newest first.

    Raises:
        MigrationError: as `pending`, but for one that is half undone; or there is no such target.
    """
    known = _checked(migrations, ledger)
    if not 0 <= target <= len(known):
        raise MigrationError(f"There is no migration {target}: say 0 to {len(known)}.")
    return [known[version] for version in sorted(ledger, reverse=True) if version > target]


def _checked(migrations: Iterable[Migration], ledger: Mapping[int, Applied]) -> dict[int, Migration]:
    known = {migration.version: migration for migration in migrations}
    if newer := sorted(ledger.keys() - known.keys()):
        raise MigrationError(
            f"The tables are at migration {newer[-1]}, and this Promethios knows {len(known)}: "
            "install a newer Promethios."
        )
    for version, applied in ledger.items():
        if applied.finished and applied.checksum != known[version].checksum:
            raise MigrationError(
                f"Migration {version:04} ({known[version].title}) was changed after it had been applied: "
                "restore its file, and put the change into a new migration."
            )
    return known
