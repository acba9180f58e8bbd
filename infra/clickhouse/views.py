"""The views for analysts: a file each, made anew when one has changed; pure but for reading the folder."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

VIEWS_FOLDER = Path(__file__).parent / "views"

# In the ledger of migrations, whose own numbers begin with 1, it stands for all views as they are.
VIEWS_VERSION = 0


@dataclass(frozen=True, slots=True)
class ViewFile:
    """One view: a statement that replaces it."""

    name: str
    sql: str


def load_views(folder: Path = VIEWS_FOLDER) -> list[ViewFile]:
    """Read all views; none may read from another, so their order does not matter."""
    return [ViewFile(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))]


def checksum(views: Sequence[ViewFile]) -> str:
    """Tells whether any view differs from what was made."""
    return hashlib.sha256("\0".join(f"{view.name}\0{view.sql}" for view in views).encode()).hexdigest()
