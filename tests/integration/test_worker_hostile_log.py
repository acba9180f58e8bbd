"""Whatever stands in the log, each record is a result or a dead letter, and its partition goes on."""

from datetime import UTC, datetime

import msgspec
import pytest
from aiokafka import ConsumerRecord

from runtime.settings import KafkaAddress
from schemas.block import HEADER_KIND, HEADER_VERSION, Kind, Segment, encode_headers
from schemas.dead_letters import HEADER_OFFSET, HEADER_PARTITION, HEADER_REASON
from schemas.identity import AgentRef, partition_of
from schemas.messages.event import EventRow, EventType
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel, Severity
from schemas.messages.violation import ViolationRow
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic
from stream_processors.state.log import StateLog
from tests.integration.poison import read_dead_letters
from tests.integration.telemetry_feed import PARTITIONS, Block, send
from tests.integration.worker_oracle import assert_equals_replay
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

FLEET = "hostile"
PARTITION = 1
NOW = 1_800_000_000_000
DAWN = datetime(1970, 1, 1, tzinfo=UTC)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def agents(count: int) -> list[str]:
    """Ids of agents that report on the one partition."""
    ids = (f"{FLEET}-{number}" for number in range(100))
    return [one for one in ids if partition_of(AgentRef("default", one).key, PARTITIONS) == PARTITION][:count]


def block(
    agent_id: str, kind: Kind, rows: list[msgspec.Struct], number: int, received_at: int = NOW
) -> Block:
    batch_id = number.to_bytes(16)
    value = encode_rows(row_prefix("default", agent_id, received_at, batch_id), rows)
    segment = Segment("default", agent_id, batch_id, False, len(rows), len(value), received_at)
    return Block(PARTITION, encode_headers(kind, [segment]), value)


def with_header(good: Block, name: str, value: bytes) -> Block:
    headers = [(found, value if found == name else text) for found, text in good.headers]
    return Block(good.partition, headers, good.value)


def logs(timestamp: datetime | None = None) -> list[msgspec.Struct]:
    return [LogRow(LogLevel.INFO, "x", timestamp=timestamp), LogRow(LogLevel.ERROR, "x", timestamp=timestamp)]


def events(timestamp: datetime) -> list[msgspec.Struct]:
    return [EventRow(EventType.TOOL_CALL, timestamp=timestamp, tool_name="search", success=False)]


def violations(timestamp: datetime) -> list[msgspec.Struct]:
    return [ViolationRow("rule", Severity.CRITICAL, timestamp=timestamp)]


async def stored_agents(address: KafkaAddress) -> set[str]:
    snapshot = await StateLog(Topic.PROCESSOR_STATE, address, client_id="test").load(PARTITION)
    return {key.partition("/")[2] for key in snapshot.entries}


def origin(letter: ConsumerRecord) -> tuple[int, int]:
    headers = dict(letter.headers)
    assert headers[HEADER_REASON]
    return int(headers[HEADER_PARTITION]), int(headers[HEADER_OFFSET])


async def test_times_of_any_age_are_results(topics: KafkaAddress, worker: WorkerProcess) -> None:
    """What rows or requests say of the time is the agents' word; the rules' clock is the log's own."""
    times = agents(9)
    blocks = [
        block(times[0], Kind.LOG, logs(DAWN), 0),
        block(times[1], Kind.LOG, logs(FAR), 1),
        block(times[2], Kind.EVENT, events(DAWN), 2),
        block(times[3], Kind.EVENT, events(FAR), 3),
        block(times[4], Kind.VIOLATION, violations(DAWN), 4),
        block(times[5], Kind.VIOLATION, violations(FAR), 5),
        block(times[6], Kind.LOG, logs(), 6, received_at=0),
        block(times[7], Kind.LOG, logs(), 7, received_at=int(FAR.timestamp() * 1000)),
        # A gateway whose clock jumps, forwards and back.
        block(times[8], Kind.LOG, logs(), 8, received_at=NOW + 86_400_000),
        block(times[8], Kind.LOG, logs(), 9, received_at=NOW - 86_400_000),
    ]
    offsets = await send(topics, blocks)
    worker.start()
    await worker.has_stored(offsets)
    assert await worker.stop() == 0
    letters = {origin(letter) for letter in await read_dead_letters(topics, FLEET)}
    assert letters.isdisjoint(offsets)
    assert set(times) <= await stored_agents(topics)
    await assert_equals_replay(topics)


async def test_garbage_between_a_hot_agents_reports_is_dead_letters_and_delays_nobody(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    """Nine blocks of ten are one agent's; each tenth is somebody else's, and some are nobody's."""
    hot, *others = agents(12)[9:] or agents(3)
    blocks: list[Block] = []
    bad: list[int] = []
    for number in range(400):
        agent_id = hot if number % 10 else others[number // 10 % len(others)]
        good = block(agent_id, Kind.LOG, logs() * 20, 100 + number)
        if number % 50 == 7:
            kinds = (
                with_header(good, HEADER_VERSION, b"2"),
                with_header(good, HEADER_KIND, b"mood"),
                Block(good.partition, good.headers, good.value.replace(b'"level":"', b'"level":7,"x":"')),
                Block(good.partition, good.headers, good.value[:-2]),
            )
            bad.append(len(blocks))
            good = kinds[number // 50 % len(kinds)]
        blocks.append(good)
    offsets = await send(topics, blocks)
    worker.start()
    await worker.has_stored(offsets)
    assert await worker.stop() == 0
    letters = {origin(letter) for letter in await read_dead_letters(topics, FLEET)}
    assert letters & set(offsets) == {offsets[place] for place in bad}
    assert {hot, *others} <= await stored_agents(topics)
    await assert_equals_replay(topics)
