"""`promethios dlq replay` brings each reader what it lacks, and nobody anything twice."""

import asyncio
import time
from collections.abc import Iterator, Sequence

import pytest
from aiokafka import TopicPartition
from typer.testing import CliRunner

from infra.cli.main import app
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import Kind, Segment, encode_headers
from schemas.identity import AgentRef, partition_of
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel, Severity
from schemas.messages.violation import ViolationRow
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import DATABASE, Table
from schemas.topics import Topic
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.poison import read_dead_letters
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, Block, send
from tests.integration.worker_process import WorkerProcess
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

FLEET = "replayed"
AGENT = AgentRef("default", f"{FLEET}-1")
PARTITION = partition_of(AGENT.key, PARTITIONS)
COLUMN = "column_of_a_later_release"


@pytest.fixture
def migration(tables: EmbeddedClickHouse) -> Iterator[str]:
    """What makes the table take a row with a column that it lacks."""
    yield f"ALTER TABLE {Table.AGENT_LOGS} ADD COLUMN {COLUMN} String"
    tables.query(f"ALTER TABLE {Table.AGENT_LOGS} DROP COLUMN IF EXISTS {COLUMN}", database=DATABASE)


def _block(
    kind: Kind, rows: Sequence[LogRow | ViolationRow], batch: int, spoil: tuple[bytes, bytes]
) -> Block:
    now, batch_id = time.time_ns() // 1_000_000, batch.to_bytes(16)
    sound = encode_rows(row_prefix(AGENT.tenant_id, AGENT.agent_id, now, batch_id), [*rows])
    value = sound.replace(*spoil)
    assert value != sound
    segment = Segment(*AGENT, batch_id, True, len(rows), len(value), now)
    return Block(PARTITION, encode_headers(kind, [segment]), value)


async def _dlq(address: KafkaAddress, *arguments: str) -> str:
    environment = {"PROMETHIOS_KAFKA_URL": address.url, "COLUMNS": "250"}
    done = await asyncio.to_thread(CliRunner().invoke, app, ["dlq", *arguments], env=environment)
    assert done.exit_code == 0, done.output
    return done.output


async def _last(address: KafkaAddress) -> list[tuple[int, int]]:
    """The last records of the log as it is now, by partition."""
    consumer = kafka.consumer(address, client_id="test")
    await consumer.start()
    try:
        places = [TopicPartition(Topic.TELEMETRY.value, number) for number in range(PARTITIONS)]
        ends = await consumer.end_offsets(places)
        return [(place.partition, int(end) - 1) for place, end in ends.items()]
    finally:
        await consumer.stop()


async def test_each_reader_gets_what_it_lacks_once(
    topics: KafkaAddress,
    tables: EmbeddedClickHouse,
    writer: WriterProcess,
    worker: WorkerProcess,
    migration: str,
) -> None:
    logs = [LogRow(LogLevel.INFO, text) for text in ("sound", "poison", "sound")]
    violations = [ViolationRow("rule", Severity.HIGH)]
    blocks = [
        # A row that the table does not take before it is migrated, and the rules take.
        _block(Kind.LOG, logs, 1, (b'"poison"', b'"poison","%b":"x"' % COLUMN.encode())),
        # A row that the table takes, and the rules cannot read.
        _block(Kind.VIOLATION, violations, 2, (b'"high"', b'"hihg"')),
    ]
    offsets = await send(topics, blocks)
    writer.start()
    worker.start()

    async def given_up() -> bool:
        return len(await read_dead_letters(topics, f"{FLEET}-")) == 2

    await until("the writer gave up a row and the processors a record", given_up)
    listed = await _dlq(topics, "list", "--topic", Topic.TELEMETRY, "--partition", str(PARTITION))
    assert COLUMN in listed
    assert "hihg" in listed

    tables.query(migration, database=DATABASE)
    assert "1 sent again" in await _dlq(topics, "replay", "--reason", COLUMN, "--dry-run")
    assert "1 sent again" in await _dlq(topics, "replay", "--reason", COLUMN)
    await assert_stored(tables, FLEET, expected_rows(zip(blocks, offsets, strict=True)))
    # Also what other tests have left in the log must not come in between.
    await worker.has_stored(await _last(topics))
    absorbed = await worker.metric("promethios_processors_events_total")

    # The rules cannot read it this time either: nothing else may come of it.
    assert "1 sent again" in await _dlq(topics, "replay", "--reason", "hihg")
    await worker.has_stored(await _last(topics))
    assert "There is nothing" in await _dlq(topics, "replay", "--reason", COLUMN)

    async def given_up_again() -> bool:
        return len(await read_dead_letters(topics, f"{FLEET}-")) == 3

    await until("the processors gave it up again", given_up_again)
    # Once this is stored, the writer has passed what was sent again for the processors.
    last = _block(Kind.LOG, logs, 3, (b'"poison"', b'"sound"'))
    blocks, offsets = [*blocks, last], [*offsets, *await send(topics, [last])]
    await assert_stored(tables, FLEET, expected_rows(zip(blocks, offsets, strict=True)))
    await worker.has_stored(offsets[-1:])
    assert await worker.metric("promethios_processors_events_total") == {
        partition: rows + (len(logs) if partition == PARTITION else 0) for partition, rows in absorbed.items()
    }
