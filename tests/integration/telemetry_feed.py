"""Telemetry as the gateway writes it, from a seeded fleet: keyed repeats, errors and violations."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
from aiokafka import AIOKafkaProducer

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import Kind, Segment, encode_headers
from schemas.identity import AgentRef, partition_of
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType
from schemas.messages.heartbeat import HeartbeatRow
from schemas.messages.log import LogRow
from schemas.messages.values import AgentHealth, LogLevel, Severity
from schemas.messages.violation import ViolationRow
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic

PARTITIONS = 4
# Later than any run: what came into the log long after it was received is left out as a repeat.
RECEIVED_AT = 3_000_000_000_000

_WEIGHTS = {Kind.LOG: 8, Kind.HEARTBEAT: 3, Kind.VIOLATION: 1, Kind.EVENT: 2, Kind.COST: 1}


class Block(msgspec.Struct):
    """A record: the partition, the headers and the value; its Kafka timestamp, once it was sent."""

    partition: int
    headers: list[tuple[str, bytes]]
    value: bytes
    appended_at: int = 0


class Fleet:
    """Agents that report at random, the same for the same seed."""

    def __init__(self, name: str, *, agents: int, seed: int, tenant: str = "default") -> None:
        self._random = random.Random(seed)  # noqa: S311 - a test's choice, not a secret
        self._agents = [AgentRef(tenant, f"{name}-{number}") for number in range(agents)]
        self._by_partition: dict[int, list[AgentRef]] = defaultdict(list)
        for agent in self._agents:
            self._by_partition[partition_of(agent.key, PARTITIONS)].append(agent)

    def blocks(self, count: int, *, rows: int = 10) -> list[Block]:
        """`count` blocks of up to three requests each, of `rows` log entries or fewer of another kind."""
        return [self._block(rows) for _ in range(count)]

    def _block(self, rows: int) -> Block:
        partition = self._random.choice(sorted(self._by_partition))
        kind = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        segments, values = [], []
        for agent in self._random.choices(self._by_partition[partition], k=self._random.randint(1, 3)):
            made = self._rows(kind, rows)
            # Few keys, so that repeats are common.
            keyed = self._random.random() < 0.5
            batch_id = self._random.randbytes(16) if not keyed else self._random.randint(1, 40).to_bytes(16)
            value = encode_rows(row_prefix(agent.tenant_id, agent.agent_id, RECEIVED_AT, batch_id), made)
            segments.append(
                Segment(agent.tenant_id, agent.agent_id, batch_id, keyed, len(made), len(value), RECEIVED_AT)
            )
            values.append(value)
        return Block(partition, encode_headers(kind, segments), b"".join(values))

    def _rows(self, kind: Kind, rows: int) -> list[msgspec.Struct]:
        choose = self._random.choice
        if kind is Kind.LOG:
            levels = [LogLevel.INFO] * 9 + [LogLevel.ERROR, LogLevel.WARN]
            return [LogRow(choose(levels), "what happened") for _ in range(rows)]
        if kind is Kind.HEARTBEAT:
            return [HeartbeatRow(choose([AgentHealth.ACTIVE] * 5 + [AgentHealth.ERROR]))]
        if kind is Kind.EVENT:
            return [self._event(n) for n in range(rows)]
        if kind is Kind.COST:
            return [self._cost(n) for n in range(rows)]
        return [ViolationRow("rule", choose(list(Severity))) for _ in range(min(rows, 2))]

    def _cost(self, number: int) -> CostRow:
        choose = self._random.choice
        return CostRow(
            choose(list(CostMetric)),
            f"{number}.000000000001",
            currency=choose(["USD", "EUR", ""]),
            cost_center=choose(["", "lab"]),
        )

    def _event(self, number: int) -> EventRow:
        choose = self._random.choice
        return EventRow(
            choose(list(EventType)),
            tool_name=choose(["", "search", "mail"]),
            decision=choose(["", "ALLOW", "DENY"]),
            success=choose([True, True, True, False, None]),
            latency_ms=choose([None, self._random.uniform(1.0, 1000.0)]),
            span_id=f"span-{number // 2}",
            attributes={"n": number, "none": None},
        )


class Feed:
    """A producer of telemetry."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, blocks: Sequence[Block]) -> list[tuple[int, int]]:
        """Put blocks on the telemetry topic; their partitions and offsets."""
        sent = [
            await self._producer.send(
                Topic.TELEMETRY, block.value, partition=block.partition, headers=block.headers
            )
            for block in blocks
        ]
        results = [await one for one in sent]
        # A key that comes again a minute later is another one: a test may take longer.
        for block, result in zip(blocks, results, strict=True):
            block.appended_at = result.timestamp
        return [(result.partition, result.offset) for result in results]


@asynccontextmanager
async def feeding(address: KafkaAddress) -> AsyncIterator[Feed]:
    """For who sends again and again: a new connection each time costs the broker more than the blocks."""
    producer = kafka.producer(address, client_id="test-feed", linger_ms=2, max_batch_size=1024 * 1024)
    await producer.start()
    try:
        yield Feed(producer)
    finally:
        await producer.stop()


async def send(address: KafkaAddress, blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """Put blocks on the telemetry topic; their partitions and offsets."""
    async with feeding(address) as feed:
        return await feed.send(blocks)


@asynccontextmanager
async def loading(address: KafkaAddress, fleet: Fleet) -> AsyncIterator[list[tuple[int, int]]]:
    """A steady load while the body runs; the list grows with the offsets of what was sent."""
    offsets: list[tuple[int, int]] = []
    enough = asyncio.Event()

    async def feed() -> None:
        async with feeding(address) as telemetry:
            while not enough.is_set():
                offsets.extend(await telemetry.send(fleet.blocks(5)))
                await asyncio.sleep(0.1)  # paces the load

    loads = asyncio.create_task(feed())
    try:
        yield offsets
    finally:
        enough.set()
        await loads
