"""The committed example payloads, loaded once for every test that loops over them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from schemas.messages.registry import REPORT_ROUTES, ReportRoute

FOLDER = Path(__file__).parents[2] / "schemas" / "examples"


@dataclass(frozen=True)
class Example:
    """One example: its route, whether it is valid, and the field that an invalid one gets wrong."""

    route: ReportRoute
    name: str
    valid: bool
    payload: Any
    wrong_field: str = ""

    def __str__(self) -> str:
        return f"{self.route.name}/{'valid' if self.valid else 'invalid'}/{self.name}"


def _load() -> list[Example]:
    found = []
    for route in REPORT_ROUTES:
        for path in sorted((FOLDER / route.name / "v1").glob("*/*.json")):
            content = orjson.loads(path.read_bytes())
            if path.parent.name == "valid":
                found.append(Example(route, path.stem, True, content))
            else:
                found.append(Example(route, path.stem, False, content["payload"], content["field"]))
    return found


EXAMPLES = _load()
VALID = [example for example in EXAMPLES if example.valid]
INVALID = [example for example in EXAMPLES if not example.valid]
