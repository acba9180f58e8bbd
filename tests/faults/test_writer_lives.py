"""The writer is killed, or ClickHouse forgets what it has, or has no room: each row is there once.

Of lives of a writer there are two; `make faults-writer` has twenty-five for each of four places where it is
killed. The other places are those of test_writer_failpoints.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from stream_processors.writer.store import Step
from tests.faults.clickhouse_faults import full_disk, insert_more_than_is_remembered, short_memory
from tests.faults.writer_kills import INSTANCE, Place, assert_kills_harm_nothing
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.cutting_proxy import Cut, CuttingProxy
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.writer_oracle import Rows, assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess, clickhouse_url

pytestmark = [pytest.mark.fault, pytest.mark.integration]

_KILLED = -9
# Killed in the request of an insert and in the answer, under load.
_SEEDS = {Place.IN_INSERT: 6, Place.BEFORE_COMMIT: 10}


@pytest.fixture
def writer(
    own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, tmp_path: Path
) -> Iterator[WriterProcess]:
    """A writer that is not started yet; of one name, so that the next need not wait for its session's end."""
    process = WriterProcess(own_kafka, own_tables, tmp_path, instance=INSTANCE)
    yield process
    process.kill()


async def _sent(address: KafkaAddress, fleet: Fleet) -> Rows:
    blocks = fleet.blocks(60)
    return expected_rows(zip(blocks, await send(address, blocks), strict=True))


async def _until_said(writer: WriterProcess, event: str, *, times: int = 1) -> None:
    """The rows may all be there before the writer is so far."""

    async def is_said() -> bool:
        return writer.log.count(event) >= times

    await until(f"{event} in the writer's log", is_said)


@pytest.mark.parametrize("place", _SEEDS)
async def test_a_killed_writer_loses_and_repeats_nothing(
    place: Place, own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, tmp_path: Path
) -> None:
    await assert_kills_harm_nothing(place, _SEEDS[place], own_kafka, own_tables, tmp_path)


async def test_a_chunk_whose_token_is_forgotten_after_a_kill_is_stored_once(
    own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    expected = await _sent(own_kafka, Fleet("killed", agents=8, seed=1))
    with short_memory(own_tables):
        writer.start(f"{Step.BEFORE_COMMIT}:1")
        assert await writer.exit_code() == _KILLED, writer.log
        insert_more_than_is_remembered(own_tables)
        writer.start()
        await _until_said(writer, "stored_long_ago")
        await assert_stored(own_tables, "killed", expected)
    assert await writer.stop() == 0


async def test_a_chunk_whose_token_is_forgotten_before_the_retry_is_stored_once(
    own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    expected = await _sent(own_kafka, Fleet("unanswered", agents=8, seed=2))
    proxy = CuttingProxy(
        own_tables.port,
        Cut.ANSWER,
        times=1,
        # The connection ends only then, and so the retry comes after it.
        on_cut=lambda: insert_more_than_is_remembered(own_tables),
    )
    with short_memory(own_tables):
        writer.start(clickhouse_url=clickhouse_url(await proxy.start()))
        try:
            await _until_said(writer, "stored_long_ago")
            await assert_stored(own_tables, "unanswered", expected)
            assert proxy.left == 0
            assert await writer.stop() == 0
        finally:
            writer.kill()
            await proxy.stop()


async def test_a_full_disk_is_waited_for(
    own_kafka: KafkaAddress, own_tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    writer.start()
    await writer.ready()
    with full_disk(own_tables):
        expected = await _sent(own_kafka, Fleet("full", agents=8, seed=3))

        await _until_said(writer, "insert_waits", times=5)
        assert await writer.metric("promethios_writer_dead_letters_total") == 0

        async def misses_it() -> bool:
            return '"clickhouse":false' in await writer.get("/readyz")

        await until("it says what it misses", misses_it)
    await assert_stored(own_tables, "full", expected)
    assert await writer.metric("promethios_writer_dead_letters_total") == 0
    assert await writer.stop() == 0
