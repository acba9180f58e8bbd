"""A fixed log gives the same bytes of state and the same events, on every machine and in every release.

When a rule is changed on purpose, the digests change: put the new ones here, say in docs/trust.md what
changed, and raise STATE_VERSION if old states can no longer be read.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from stream_processors.rules.partition import PartitionState, Record
from stream_processors.rules.state import encode_agent
from tests.stream_processors.rules.log_builder import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Log,
    Request,
    heartbeat,
    log,
    metrics,
    violation,
)

STATE_DIGEST = "651e3590213bf16a5298c1a7d29f2ab462827fd725849ce0bcfda368549f8907"
EVENTS_DIGEST = "a6e68a249a9b9dcfe2a30ce0c2473d87da68edb248433946a7d0150bc641ffce"

_STEPS = 4000
_AGENTS = 12


def lots() -> Iterator[int]:
    """Numbers that are the same everywhere (the generator of POSIX's drand48)."""
    value = 0x1234ABCD330E
    while True:
        value = (value * 0x5DEECE66D + 11) % 2**48
        yield value >> 16


def fixed_log() -> Iterator[Record]:
    made, draw, now = Log(), lots(), START
    for step in range(_STEPS):
        now += (0, 40, 250, SECOND, SECOND, 20 * SECOND, MINUTE, -SECOND)[next(draw) % 8]
        if step % 500 == 499:
            now += (HOUR, 9 * HOUR, 3 * DAY, 8 * DAY)[next(draw) % 4]
        kind, agent, number = next(draw) % 16, f"agent-{next(draw) % _AGENTS}", next(draw)
        if kind < 6:
            yield made.tick(now)
        elif kind < 11:
            failing = 2 + next(draw) % 30
            late = now - number % 400_000
            rows = [
                log("info" if place % failing else "error", late if place % 2 else None)
                for place in range(1 + number % 40)
            ]
            yield made.record(now, Request(agent, rows, number % 50 if number % 3 == 0 else None))
        elif kind < 14:
            yield made.record(
                now, Request(agent, [heartbeat(("active", "active", "error", "inactive")[number % 4])])
            )
        elif kind == 14:
            yield made.record(now, Request(agent, [metrics(number % 1000 / 10)]))
        else:
            severity = ("low", "low", "low", "medium", "medium", "high", "critical")[number % 7]
            yield made.record(now, Request(agent, [violation(severity, f"rule-{number % 3}")]))


def test_the_fixed_log_gives_the_pinned_state_and_events() -> None:
    state = PartitionState(3)
    events = hashlib.sha256()
    counts: dict[str, int] = {}
    for record in fixed_log():
        for event in state.absorb(record):
            events.update(msgspec.msgpack.encode(event))
            counts[type(event.data).__name__] = counts.get(type(event.data).__name__, 0) + 1
    states = hashlib.sha256(b"".join(encode_agent(agent) for _, agent in sorted(state.agents.items())))
    assert min(counts.values()) > 20, counts
    assert len(counts) == 4
    assert (states.hexdigest(), events.hexdigest()) == (STATE_DIGEST, EVENTS_DIGEST)
