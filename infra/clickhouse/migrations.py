"""Find the migration files and tell which are still to be applied; pure but for reading the folder."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.errors import StackError

FOLDER = Path(__file__).parent / "migrations"
_END = re.compile(r";[ \t]*(?:\n|\Z)")
_NAME = re.compile(r"(?P<version>\d{4})_(?P<title>[a-z0-9_]+)\.up\.sql")


class MigrationError(StackError):
    """The tables cannot be brought to the newest form; the text says why."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file of statements that may be run once more after a run that was cut off.

    So each of them either undoes nothing when it is repeated, or fails because its work is done.
    """

    version: int
    title: str
    sql: str

    @property
    def statements(self) -> list[str]:
        """What to run, one after the other."""
        return statements(self.sql)

    @property
    def checksum(self) -> str:
        """Tells whether the file was changed after it had been applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Applied:
    """What the ledger says of one migration; not `finished` when its run was cut off."""

    checksum: str
    finished: bool


def statements(sql: str) -> list[str]:
    """The statements of a file: each ends with a semicolon at the end of a line; the comment is left out."""
    lines = [line for line in sql.splitlines() if not line.startswith("--")]
    return [found.strip() for found in _END.split("\n".join(lines)) if found.strip()]


def load(folder: Path = FOLDER) -> list[Migration]:
    """Read all migrations in their order.

    Raises:
        MigrationError: two files have one number, or numbers are left out.
    """
    found = [
        Migration(int(match["version"]), match["title"], path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.up.sql"))
        if (match := _NAME.fullmatch(path.name))
    ]
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise MigrationError(f"The migrations in {folder} are not numbered 1, 2, 3, ... without gaps.")
    return found


def pending(migrations: Iterable[Migration], ledger: Mapping[int, Applied]) -> list[Migration]:
    """The migrations that are still to be applied, the one whose run was cut off included.

    Raises:
        MigrationError: an applied file was changed since, or the ledger knows migrations that we do not.
    """
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
    return [m for m in known.values() if m.version not in ledger or not ledger[m.version].finished]
