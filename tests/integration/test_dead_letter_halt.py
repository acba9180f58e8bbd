"""A partition of which too much is given up is read no further, the others are; a new start goes on."""

import json

import pytest

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.stream_process import StreamProcess, until
from tests.integration.telemetry_feed import PARTITIONS, Fleet, send
from tests.integration.worker_process import WorkerProcess
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess

pytestmark = pytest.mark.integration

POISONED = 2
LIMIT = {"dead_letter_limit": "3", "dead_letter_share": "0"}


async def _send_junk(address: KafkaAddress, count: int) -> list[tuple[int, int]]:
    producer = kafka.producer(address, client_id="test")
    await producer.start()
    sent = [
        await producer.send_and_wait(Topic.TELEMETRY, b"junk \xff", partition=POISONED) for _ in range(count)
    ]
    await producer.stop()
    return [(record.partition, record.offset) for record in sent]


async def _until_halted(process: StreamProcess) -> None:
    async def halted() -> bool:
        answer = await process.get("/readyz")
        return bool(answer) and json.loads(answer)["checks"]["dead_letters"] is False

    await until("it says that it has halted", halted)
    assert process.is_running
    assert process.log.count('"event": "partition_halted"') == 1


async def test_the_processors_halt_and_go_on_when_they_are_started_anew(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    # What others have left in the log must not count.
    worker.start()
    await worker.has_stored(await send(topics, Fleet("before-halt", agents=20, seed=4).blocks(40)))
    assert await worker.stop() == 0

    worker.start(**LIMIT)
    await worker.ready()
    junk = await _send_junk(topics, 10)
    await _until_halted(worker)
    offsets = await send(topics, Fleet("halted", agents=20, seed=5).blocks(40))
    others = [place for place in offsets if place[0] != POISONED]
    assert {partition for partition, _ in others} == set(range(PARTITIONS)) - {POISONED}
    await worker.has_stored(others)
    await worker.has_stored(junk[3:4])
    fences = await worker.metric("promethios_processors_stored_offset")
    assert fences[POISONED] == junk[3][1]
    assert (await worker.metric("promethios_processors_halted"))[POISONED] == 1
    assert await worker.stop() == 0

    worker.start()
    await worker.has_stored(offsets)
    assert (await worker.metric("promethios_processors_halted"))[POISONED] == 0


async def test_the_writer_halts_and_goes_on_when_it_is_started_anew(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    writer.start()
    first = Fleet("before-writing", agents=20, seed=4).blocks(40)
    expected = expected_rows(zip(first, await send(topics, first), strict=True))
    await assert_stored(tables, "before-writing", expected)
    assert await writer.stop() == 0

    writer.start(**LIMIT)
    await writer.ready()
    await _send_junk(topics, 10)
    await _until_halted(writer)
    blocks = Fleet("unwritten", agents=20, seed=6).blocks(40)
    offsets = await send(topics, blocks)
    sent = list(zip(blocks, offsets, strict=True))
    others = expected_rows([one for one in sent if one[1][0] != POISONED])
    await assert_stored(tables, "unwritten", others)
    assert 4 <= await writer.metric("promethios_writer_dead_letters_total") <= 10
    assert await writer.stop() == 0

    writer.start()
    await assert_stored(tables, "unwritten", expected_rows(sent))
