"""The load's payloads: log entries as a fleet would send them, about 150 bytes each, a few of them errors."""

import random
from collections.abc import Iterator

import orjson

_TOOLS = ("search", "browser", "database", "mail", "calendar")
_VARIANTS = 8


def _entry(agent_id: str, generator: random.Random, error_share: float) -> dict[str, object]:
    level = "error" if generator.random() < error_share else "info"
    tool = generator.choice(_TOOLS)
    outcome = "failed: upstream timed out" if level == "error" else "finished"
    took, run = generator.randrange(20, 4000), generator.getrandbits(48)
    return {
        "agentId": agent_id,
        "level": level,
        "message": f"call to {tool} {outcome} after {took} ms, run {run:012x}",
        "context": {"tool": tool, "attempt": generator.randrange(1, 4)},
    }


def bodies(agent_id: str, events: int, *, seed: int, error_share: float = 0.03) -> Iterator[bytes]:
    """Endless request bodies of one agent, arrays of `events` log entries; a few are made and repeated."""
    generator = random.Random(f"{seed}/{agent_id}")  # noqa: S311 - a repeatable load, not a secret
    made = [
        orjson.dumps([_entry(agent_id, generator, error_share) for _ in range(events)])
        for _ in range(_VARIANTS)
    ]
    while True:
        yield from made
