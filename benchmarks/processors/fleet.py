"""Blocks as the gateway writes them, of a fleet of so many agents: as fast as they can be made."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from benchmarks.processors import mix
from runtime.restarting_producer import OutgoingRecord
from schemas.block import Kind, Segment, encode_headers
from schemas.control_block import ControlRow, encode_control_block
from schemas.identity import AgentRef, partition_of
from schemas.messages.values import Severity
from schemas.messages.violation import ViolationRow
from schemas.stamps import encode_row, row_prefix, stamp_rows
from schemas.topics import Topic

TENANT = "default"
# A block of first reports, which make an agent known, and the rows of each kind that they tell of.
_FIRST_SEGMENTS = 100
_FIRST_ROWS = {Kind.HEARTBEAT: 1, Kind.EVENT: 20, Kind.COST: 4, Kind.METRICS: 1}
_VARIANTS = 32
_KEYED_SHARE = 0.5


class Shape(NamedTuple):
    """What a block holds: so many requests, each of so many events."""

    requests: int
    events: int

    def __str__(self) -> str:
        return f"{self.requests} x {self.events}"


class Made(NamedTuple):
    """A record, and the events in it."""

    record: OutgoingRecord
    events: int


class Fleet:
    """Agents that report at random, the same for the same seed but for times."""

    def __init__(self, agents: int, partitions: int, seed: int, name: str = "bench") -> None:
        """Agents of one tenant, spread over partitions by their keys, as the gateway does it."""
        self._random = random.Random(seed)  # noqa: S311 - a repeatable load, not a secret
        self._by_partition: dict[int, list[AgentRef]] = defaultdict(list)
        for number in range(agents):
            agent = AgentRef(TENANT, f"{name}-{number:06d}")
            self._by_partition[partition_of(agent.key, partitions)].append(agent)
        self.partitions = sorted(self._by_partition)
        self._kinds, self._weights = list(mix.SHARES), list(mix.SHARES.values())

    def first_reports(self) -> Iterator[Made]:
        """A policy that binds all, and then of each agent one request of the kinds that leave most state."""
        for partition in self.partitions:
            yield Made(_policy_record(partition), 0)
        pools = {kind: self._pool(kind, rows) for kind, rows in _FIRST_ROWS.items()}
        for partition, agents in self._by_partition.items():
            for begin in range(0, len(agents), _FIRST_SEGMENTS):
                some = agents[begin : begin + _FIRST_SEGMENTS]
                for kind, pool in pools.items():
                    yield self._block(partition, kind, some, pool)

    def signs_of_life(self) -> Iterator[Made]:
        """Something of each agent, so that none is missed in the next two minutes."""
        yield from self._of_each(Kind.METRICS, self._by_partition)

    def heartbeats(self, begin: float, end: float) -> Iterator[Made]:
        """A heartbeat of the agents whose turn comes between two shares of a round through all of them."""
        turns = {
            partition: agents[int(begin * len(agents)) : int(end * len(agents))]
            for partition, agents in self._by_partition.items()
        }
        yield from self._of_each(Kind.HEARTBEAT, turns)

    def _of_each(self, kind: Kind, by_partition: Mapping[int, list[AgentRef]]) -> Iterator[Made]:
        pool = self._pool(kind, 1)
        for partition, agents in by_partition.items():
            for begin in range(0, len(agents), _FIRST_SEGMENTS):
                yield self._block(partition, kind, agents[begin : begin + _FIRST_SEGMENTS], pool)

    def blocks(self, shape: Shape, count: int) -> Iterator[Made]:
        """`count` blocks of one shape; what agents send one at a time comes in as many requests as rows."""
        pools = {kind: self._pool(kind, 1 if kind in mix.ALONE else shape.events) for kind in self._kinds}
        for number in range(count):
            partition = self.partitions[number % len(self.partitions)]
            kind = self._random.choices(self._kinds, self._weights)[0]
            requests = shape.requests
            if kind in mix.ALONE and kind is not Kind.VIOLATION:
                requests *= shape.events
            agents = self._random.choices(self._by_partition[partition], k=requests)
            yield self._block(partition, kind, agents, pools[kind])

    def critical(self, agent: int) -> tuple[str, Made]:
        """A critical violation of one agent, of whom nothing bad was known; also the agent's id."""
        everybody = [(p, one) for p, agents in self._by_partition.items() for one in agents]
        partition, ref = everybody[agent % len(everybody)]
        row = ViolationRow("data-exfiltration", Severity.CRITICAL, "sent a table away")
        return ref.agent_id, self._block(partition, Kind.VIOLATION, [ref], [[encode_row(row)]])

    def _pool(self, kind: Kind, rows: int) -> list[list[bytes]]:
        now = datetime.now(UTC)
        return [
            [encode_row(row) for row in mix.rows(kind, rows, self._random, now)] for _ in range(_VARIANTS)
        ]

    def _block(self, partition: int, kind: Kind, agents: list[AgentRef], pool: list[list[bytes]]) -> Made:
        now = time.time_ns() // 1_000_000
        segments, values = [], []
        for agent in agents:
            rows, batch_id = self._random.choice(pool), self._random.randbytes(16)
            value = stamp_rows(row_prefix(agent.tenant_id, agent.agent_id, now, batch_id), rows)
            keyed = self._random.random() < _KEYED_SHARE
            segments.append(
                Segment(agent.tenant_id, agent.agent_id, batch_id, keyed, len(rows), len(value), now)
            )
            values.append(value)
        headers = encode_headers(kind, segments)
        record = OutgoingRecord(Topic.TELEMETRY, b"".join(values), None, headers, partition)
        return Made(record, sum(segment.lines for segment in segments))


def _policy_record(partition: int) -> OutgoingRecord:
    row = ControlRow(
        Topic.POLICIES, f"{TENANT}/fleet", 1, msgspec.Raw(msgspec.json.encode(mix.policy(TENANT)))
    )
    headers, value = encode_control_block([row], time.time_ns() // 1_000_000)
    return OutgoingRecord(Topic.TELEMETRY, value, None, headers, partition)
