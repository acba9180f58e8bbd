"""The published contract as it was last released, kept in `schemas/baseline/` to compare with.

`python -m schemas.baseline` makes it what is there now. Do so when a release is made, and at will before the
first one; never to silence the test that compares.
"""

from pathlib import Path
from typing import Any

import msgspec

from schemas.compatibility import breaking_changes
from schemas.derived import DERIVED_TYPES
from schemas.json_schema import derived_schemas, render

FOLDER = Path(__file__).parent / "baseline"
# On which topic each type of event is found.
TOPICS_FILE = "topics.json"


def current() -> dict[str, dict[str, Any]]:
    """The contract now: the topic of each type, and each type's schema, by file name."""
    topics = {derived.name: derived.topic.value for derived in DERIVED_TYPES}
    return {TOPICS_FILE: topics, **derived_schemas()}


def released(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The contract as it was released."""
    return {path.name: msgspec.json.decode(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


def broken_promises(before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> list[str]:
    """What of a released contract no longer holds, a sentence each; types may be added."""
    topics = now[TOPICS_FILE]
    found = [
        f"{name}: was on {topic} and is on {topics.get(name)}"
        for name, topic in before[TOPICS_FILE].items()
        if topics.get(name) != topic
    ]
    for name in before.keys() - {TOPICS_FILE}:
        if name in now:
            found += [f"{name} {change}" for change in breaking_changes(before[name], now[name])]
        else:
            found.append(f"{name}: is gone")
    return sorted(found)


def write(contract: dict[str, dict[str, Any]], folder: Path = FOLDER) -> None:
    """Make a contract the released one."""
    folder.mkdir(exist_ok=True)
    for stale in set(folder.glob("*.json")) - {folder / name for name in contract}:
        stale.unlink()
    for name, content in contract.items():
        (folder / name).write_text(render(content))


if __name__ == "__main__":
    write(current())
