"""The pinned jars of the broker: `jars.txt`, one line each with coordinate, SHA-256 and size."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KAFKA_VERSION = "4.3.1"
PINS_FILE = Path(__file__).with_name("jars.txt")


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar by its Maven coordinate (`group:artifact:version`), with what its bytes must be."""

    coordinate: str
    sha256: str
    size: int

    @property
    def filename(self) -> str:
        """The jar's name in the installed folder, as Maven names it."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    def matches(self, path: Path) -> bool:
        """Whether the file at `path` is this jar, whole and unchanged; False when there is no such file."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


def parse_pins(text: str) -> tuple[Jar, ...]:
    """Read the lines of a pins file; blank lines and comments are skipped.

    Raises:
        ValueError: a line does not have three fields, or its size is not a number.
    """
    lines = (line.strip() for line in text.splitlines())
    return tuple(_parse_pin(line) for line in lines if line and not line.startswith("#"))


def format_pins(jars: tuple[Jar, ...]) -> str:
    """Write the lines that `parse_pins` reads, in the order of the class path."""
    head = "# Made by `python -m infra.embedded.kafka.lock`: coordinate, SHA-256, bytes.\n"
    return head + "".join(f"{jar.coordinate} {jar.sha256} {jar.size}\n" for jar in jars)


@cache
def pinned_jars() -> tuple[Jar, ...]:
    """The jars of the pinned version, in the order of the class path."""
    return parse_pins(PINS_FILE.read_text(encoding="utf-8"))


def installation_name() -> str:
    """The name of the folder that holds exactly these jars; another set of pins has another name."""
    digest = hashlib.sha256(format_pins(pinned_jars()).encode()).hexdigest()
    return f"kafka-{KAFKA_VERSION}-{digest[:12]}"


def _parse_pin(line: str) -> Jar:
    fields = line.split()
    if len(fields) != 3 or fields[0].count(":") != 2:
        msg = f"not a pin (coordinate, SHA-256, bytes): {line!r}"
        raise ValueError(msg)
    return Jar(coordinate=fields[0], sha256=fields[1], size=int(fields[2]))
