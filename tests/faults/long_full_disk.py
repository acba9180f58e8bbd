"""ClickHouse on a disk that is full, a real one of a few megabytes: `make faults-writer`, as root."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.clickhouse.migrate import migrate
from runtime.settings import KafkaAddress, parse_clickhouse_url
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess, clickhouse_url

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(300)]

_SIZE = "256m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "none", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"needs to mount a file system: {mounted.stderr.decode()}")
    yield folder
    subprocess.run(["/usr/bin/umount", "--lazy", folder], check=True)


async def test_the_writer_waits_until_there_is_room(
    own_kafka: KafkaAddress, small_disk: Path, tmp_path: Path
) -> None:
    tables = EmbeddedClickHouse(small_disk).start()
    migrate(parse_clickhouse_url(clickhouse_url(tables.port)))
    writer = WriterProcess(own_kafka, tables, tmp_path, instance="full")
    filler = small_disk / "filler"
    try:
        writer.start()
        await writer.ready()
        _fill(filler)
        blocks = Fleet("full", agents=20, seed=7).blocks(200)
        sent = await send(own_kafka, blocks)

        async def waits() -> bool:
            return writer.log.count("insert_waits") > 10

        await until("inserts that failed", waits)
        assert writer.is_running, writer.log
        filler.unlink()
        await assert_stored(tables, "full", expected_rows(zip(blocks, sent, strict=True)), seconds=120)
        assert await writer.metric("promethios_writer_dead_letters_total") == 0
        assert await writer.stop() == 0
        assert tables.stop() == 0, tables.log
        tables.start()
        await assert_stored(tables, "full", expected_rows(zip(blocks, sent, strict=True)))
    finally:
        writer.kill()
        tables.kill()


def _fill(filler: Path) -> None:
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        except OSError:
            os.fsync(file.fileno())
