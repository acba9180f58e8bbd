"""The load's payloads are valid log entries of the right number."""

import msgspec

from benchmarks.payloads import bodies
from schemas.messages.log import LogPayload


def test_bodies_are_valid_and_repeatable() -> None:
    first = next(bodies("agent-7", 100, seed=1))
    assert len(msgspec.json.decode(first, type=list[LogPayload])) == 100
    assert first == next(bodies("agent-7", 100, seed=1))
    assert first != next(bodies("agent-8", 100, seed=1))
    assert 12_000 < len(first) < 20_000
