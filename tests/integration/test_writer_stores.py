"""The writer on the real broker and the real engine: every row once, repeats never."""

import asyncio

import pytest

from runtime.settings import KafkaAddress
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.telemetry_feed import Block, Fleet, send
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess

pytestmark = pytest.mark.integration


async def test_every_row_once_and_repeats_never(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    fleet = Fleet("stores", agents=20, seed=1)
    blocks = fleet.blocks(400)
    writer.start()
    offsets = await send(topics, blocks)

    await assert_stored(tables, "stores", expected_rows(zip(blocks, offsets, strict=True)))
    assert await writer.metric("promethios_writer_repeated_rows_total") > 0
    assert await writer.stop() == 0


async def test_a_restart_remembers_which_batches_came(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    fleet = Fleet("remembers", agents=4, seed=2)
    sent: list[tuple[Block, tuple[int, int]]] = []
    for _ in range(3):
        writer.start()
        await writer.ready()
        for _ in range(8):  # several checkpoints, and a rest that only the log knows
            blocks = fleet.blocks(10)
            sent += zip(blocks, await send(topics, blocks), strict=True)
            await asyncio.sleep(0.1)
        assert await writer.stop() == 0
    writer.start()

    await assert_stored(tables, "remembers", expected_rows(sent))
