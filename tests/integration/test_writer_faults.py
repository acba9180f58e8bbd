"""ClickHouse dies, answers get lost, a writer is stopped while another takes over: each row once."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.cutting_proxy import Cut, CuttingProxy
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Block, Fleet, feeding
from tests.integration.writer_oracle import Rows, assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess, clickhouse_url

pytestmark = [pytest.mark.integration, pytest.mark.fault]

_CUTS = 5


async def _feed(address: KafkaAddress, fleet: Fleet, rounds: int, pause: float = 0.1) -> Rows:
    sent: list[tuple[Block, tuple[int, int]]] = []
    async with feeding(address) as telemetry:
        for _ in range(rounds):
            blocks = fleet.blocks(5)
            sent += zip(blocks, await telemetry.send(blocks), strict=True)
            await asyncio.sleep(pause)  # paces the load
    return expected_rows(sent)


@pytest.mark.parametrize("cut", list(Cut))
async def test_broken_inserts_are_repeated_under_their_token(
    cut: Cut, topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    name = f"cut-{cut.name.lower()}"
    proxy = CuttingProxy(tables.port, cut, _CUTS)
    writer.start(clickhouse_url=clickhouse_url(await proxy.start()), writer_insert_seconds="2")

    await assert_stored(tables, name, await _feed(topics, Fleet(name, agents=20, seed=4), rounds=20))

    assert proxy.left == 0
    assert await writer.metric("promethios_writer_inserts_total") > _CUTS
    assert await writer.stop() == 0
    await proxy.stop()


async def test_clickhouse_dies_and_comes_back(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    fleet = Fleet("away", agents=20, seed=5)
    writer.start(writer_alarm_seconds="1")
    await writer.ready()
    load = asyncio.create_task(_feed(topics, fleet, rounds=30, pause=0.2))
    await asyncio.sleep(1)  # under load
    tables.kill()
    try:

        async def waits() -> bool:
            return "insert_waits" in writer.log

        await until("an insert that failed", waits)

        async def misses_it() -> bool:
            return '"clickhouse":false' in await writer.get("/readyz")

        await until("it says what it misses", misses_it)

        async def is_late() -> bool:
            return '"freshness":false' in await writer.get("/readyz")

        await until("the alarm", is_late)

        async def is_measured() -> bool:
            return await writer.metric("promethios_writer_unstored_seconds") > 1

        await until("the metric that says for how long", is_measured)
        expected = await load
    finally:
        tables.start()

    await assert_stored(tables, "away", expected)
    assert writer.is_running
    await writer.ready()


@pytest.fixture
def writers(
    topics: KafkaAddress, tables: EmbeddedClickHouse, tmp_path: Path
) -> Iterator[tuple[WriterProcess, WriterProcess]]:
    """Two writers of one group, not started yet."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first, second = (WriterProcess(topics, tables, folder, instance=None) for folder in folders)
    yield first, second
    first.kill()
    second.kill()


@pytest.mark.timeout(600)
async def test_a_stopped_writer_wakes_up_when_another_has_its_partitions(
    topics: KafkaAddress,
    tables: EmbeddedClickHouse,
    writers: tuple[WriterProcess, WriterProcess],
) -> None:
    first, second = writers
    fleet = Fleet("stopped", agents=20, seed=6)
    first.start()
    second.start()
    await first.ready()
    await second.ready()
    load = asyncio.create_task(_feed(topics, fleet, rounds=60, pause=0.25))
    await asyncio.sleep(1)  # under load
    first.send(signal.SIGSTOP)
    await asyncio.sleep(13)  # longer than the session: the other takes over
    first.send(signal.SIGCONT)

    await assert_stored(tables, "stopped", await load, seconds=120)
    assert first.is_running
    assert second.is_running
