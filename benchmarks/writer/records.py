"""Records of the telemetry topic as the gateway writes them: log entries of many agents, full blocks."""

import random
import secrets
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import Kind, Segment, encode_headers
from schemas.identity import AgentRef, partition_of
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import DEFAULT_PARTITIONS, Topic

_AGENTS = 200
_ROWS = 100  # a request
_REQUESTS = 10  # a block
_TOOLS = ("search", "browser", "database", "mail", "calendar")


@dataclass(frozen=True)
class Record:
    """One block, ready to be sent."""

    partition: int
    headers: list[tuple[str, bytes]]
    value: bytes
    rows: int


def make_records(rows: int, seed: int) -> list[Record]:
    """So many rows or a few more, the same for the same seed but for their ids and times."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable load, not a secret
    agents: dict[int, list[AgentRef]] = defaultdict(list)
    for number in range(_AGENTS):
        ref = AgentRef("default", f"bench-{number:03d}")
        agents[partition_of(ref.key, DEFAULT_PARTITIONS)].append(ref)
    made: list[Record] = []
    while len(made) * _ROWS * _REQUESTS < rows:
        partition = len(made) % DEFAULT_PARTITIONS
        made.append(_record(partition, agents[partition], dice))
    return made


def _record(partition: int, agents: list[AgentRef], dice: random.Random) -> Record:
    segments, values = [], []
    for _ in range(_REQUESTS):
        agent, batch_id, now = dice.choice(agents), secrets.token_bytes(16), time.time_ns() // 1_000_000
        prefix = row_prefix(agent.tenant_id, agent.agent_id, now, batch_id)
        value = encode_rows(prefix, [_entry(dice) for _ in range(_ROWS)])
        values.append(value)
        segments.append(Segment(agent.tenant_id, agent.agent_id, batch_id, True, _ROWS, len(value), now))
    return Record(partition, encode_headers(Kind.LOG, segments), b"".join(values), _ROWS * _REQUESTS)


def _entry(dice: random.Random) -> LogRow:
    failed = dice.random() < 0.03
    outcome = "failed: upstream timed out" if failed else "finished"
    return LogRow(
        level=LogLevel.ERROR if failed else LogLevel.INFO,
        message=f"call to {dice.choice(_TOOLS)} {outcome} after {dice.randrange(20, 4000)} ms, "
        f"run {dice.getrandbits(48):012x}",
        context='{"tool":"search","attempt":1}',
    )


async def send(address: KafkaAddress, records: list[Record]) -> None:
    """Put all onto the topic; returns when they are acknowledged."""
    producer = kafka.producer(address, client_id="bench-writer", linger_ms=2, max_batch_size=1 << 20)
    await producer.start()
    try:
        sent = [
            await producer.send(Topic.TELEMETRY, one.value, partition=one.partition, headers=one.headers)
            for one in records
        ]
        for one in sent:
            await one
    finally:
        await producer.stop()


def chunks(records: list[Record], size: int) -> Iterator[bytes]:
    """The bodies that the writer would insert: runs of one partition's records of `size` bytes."""
    waiting: dict[int, list[bytes]] = defaultdict(list)
    for one in records:
        run = waiting[one.partition]
        run.append(one.value)
        if sum(map(len, run)) >= size:
            yield b"".join(run)
            run.clear()
    yield from (b"".join(run) for run in waiting.values() if run)
