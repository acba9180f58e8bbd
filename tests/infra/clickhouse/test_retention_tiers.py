"""Tiers on the real engine: rows are packed better as they grow old, and go after a year."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.retention import LIMITED_TABLES, Tier
from schemas.tables import DATABASE, Table
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

_DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("tiers")).with_data(migrated_data).start()
    yield front
    assert front.stop() == 0, front.log


def test_old_rows_are_packed_better_and_the_oldest_go(clickhouse: EmbeddedClickHouse) -> None:
    rows, now = FleetRows(clickhouse), time.time_ns() // 1_000_000
    lines = [LogRow(level=LogLevel.INFO, message=f"tool {n} took {n * 7919} ms") for n in range(1000)]
    for days in (0, Tier.RECENT + 1, Tier.HISTORICAL + 1, Tier.ARCHIVED + 2):
        rows.telemetry(Kind.LOG, AgentRef("acme", f"agent-{days}"), lines, now - days * _DAY_MS)
    clickhouse.query(f"OPTIMIZE TABLE {DATABASE}.{Table.AGENT_LOGS} FINAL")
    parts = clickhouse.query(
        "SELECT default_compression_codec, sum(data_compressed_bytes), sum(rows) FROM system.parts "
        "WHERE database = {database:String} AND table = {table:String} AND active AND rows > 0 "
        "GROUP BY 1, partition ORDER BY partition DESC",
        param_database=DATABASE,
        param_table=str(Table.AGENT_LOGS),
    )
    codecs, sizes, counts = zip(*(line.split("\t") for line in parts.splitlines()), strict=True)
    assert codecs == ("ZSTD(1)", "ZSTD(3)", "ZSTD(9)")
    assert set(counts) == {"1000"}
    assert int(sizes[0]) > max(int(sizes[1]), int(sizes[2]))


@pytest.mark.parametrize("table", sorted(LIMITED_TABLES))
def test_no_column_escapes_the_tiers(clickhouse: EmbeddedClickHouse, table: str) -> None:
    shown = clickhouse.query(f"SHOW CREATE TABLE {DATABASE}.{table} FORMAT TSVRaw")
    assert f"toIntervalDay({int(Tier.ARCHIVED)})" in shown
    codecs = [line for line in shown.splitlines() if "CODEC" in line and not line.startswith("TTL")]
    assert all("Default)" in line for line in codecs), codecs
