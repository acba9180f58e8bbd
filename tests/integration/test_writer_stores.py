"""The writer on the real broker and the real engine: every row once, repeats never."""

import pytest

from runtime.settings import KafkaAddress
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.stream_process import until
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

    async def repeats_are_counted() -> bool:
        return await writer.metric("promethios_writer_repeated_rows_total") > 0

    await until("the repeats in the metric", repeats_are_counted)
    assert await writer.stop() == 0


@pytest.mark.parametrize("checkpoint_seconds", ["0.1", "3600"], ids=["by checkpoints", "by the log alone"])
async def test_a_restart_remembers_which_batches_came(
    checkpoint_seconds: str, topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    name = f"remembers-{checkpoint_seconds}"
    fleet = Fleet(name, agents=4, seed=2)
    sent: list[tuple[Block, tuple[int, int]]] = []
    for _ in range(3):
        writer.start(writer_checkpoint_seconds=checkpoint_seconds)
        for _ in range(3):
            blocks = fleet.blocks(15)
            sent += zip(blocks, await send(topics, blocks), strict=True)
            await assert_stored(tables, name, expected_rows(sent))
        assert await writer.stop() == 0
