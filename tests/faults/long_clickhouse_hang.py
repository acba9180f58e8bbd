"""ClickHouse takes inserts and answers none for a minute: `make faults-writer`."""

import asyncio
from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.cutting_proxy import Cut, CuttingProxy
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess, clickhouse_url

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(300)]


async def test_a_minute_without_answers_harms_nothing(
    own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, tmp_path: Path
) -> None:
    # Four inserts at once, and each gives up after 30 seconds: twice round is a minute.
    proxy = CuttingProxy(own_tables.port, Cut.HANG, times=8)
    writer = WriterProcess(own_kafka, own_tables, tmp_path, instance="hangs")
    blocks = Fleet("hangs", agents=20, seed=9).blocks(200)
    writer.start(clickhouse_url=clickhouse_url(await proxy.start()))
    try:
        sent = await send(own_kafka, blocks)
        await asyncio.sleep(60)
        assert writer.is_running, writer.log
        expected = expected_rows(zip(blocks, sent, strict=True))
        await assert_stored(own_tables, "hangs", expected, seconds=120)
        assert proxy.left == 0
    finally:
        writer.kill()
        await proxy.stop()
