"""The committed example records of derived topics, loaded once for every test that loops over them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parents[2] / "schemas" / "examples" / "derived"


@dataclass(frozen=True)
class DerivedExample:
    """One record: its type, its key and headers as texts, and its value as JSON."""

    type_name: str
    name: str
    key: str
    headers: dict[str, str]
    value: Any

    @property
    def schema_file(self) -> str:
        return f"{self.type_name}.schema.json"

    def __str__(self) -> str:
        return f"{self.type_name}/{self.name}"


EXAMPLES = [
    DerivedExample(path.parent.name, path.stem, **msgspec.json.decode(path.read_bytes()))
    for path in sorted(FOLDER.glob("*/*.json"))
]
