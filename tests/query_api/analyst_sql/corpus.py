"""The statements that tests send: hostile ones in hostile.txt, honest ones in honest.sql."""

from pathlib import Path

_FOLDER = Path(__file__).parent
_ESCAPED = "e:"


def _sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (_FOLDER / "hostile.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line.startswith(_ESCAPED):
            current.append(line.removeprefix(_ESCAPED).encode("latin-1").decode("unicode_escape"))
        elif line and not line.startswith("#"):
            current.append(line)
    return sections


_HOSTILE = _sections()

# Must not be run.
REFUSED = _HOSTILE["refused"]
# May be run, and must show nothing of the other tenant.
SCOPED = _HOSTILE["scoped"]


def honest() -> list[str]:
    """What analysts ask; the statements stand with an empty line between them."""
    text = (_FOLDER / "honest.sql").read_text(encoding="utf-8")
    return [block.strip() for block in text.split("\n\n") if not block.startswith("--")]
