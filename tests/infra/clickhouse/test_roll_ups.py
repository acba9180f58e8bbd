"""Roll-ups are what a recount gives: after inserts, their retries, half of an insert, and an upgrade."""

import random
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import msgspec
import pytest

from infra.clickhouse import migrate as module
from infra.clickhouse.migrate import migrate
from infra.clickhouse.migrations import MigrationError, load
from runtime.settings import parse_clickhouse_url
from schemas.block import Kind
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.otel_metric import OtelMetricRow, OtelMetricType
from schemas.messages.values import LogLevel
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import DATABASE, TELEMETRY_TABLES, Resolution, Table, roll_up, roll_up_feed
from stream_processors.writer.insert import SETTINGS
from tests.infra.clickhouse.roll_ups import assert_roll_ups, every_roll_up
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.writer_process import clickhouse_url

pytestmark = pytest.mark.integration

_DAY_MS = 86_400_000
NOW = time.time_ns() // 1_000_000


@pytest.fixture
def clickhouse(tmp_path: Path, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    """Running, with all tables."""
    front = EmbeddedClickHouse(tmp_path).with_data(migrated_data).start()
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture
def empty_clickhouse(tmp_path: Path) -> Iterator[EmbeddedClickHouse]:
    """Running, with an empty database."""
    front = EmbeddedClickHouse(tmp_path).start()
    yield front
    assert front.stop() == 0, front.log


def rows_of(kind: Kind, dice: random.Random, moment: datetime) -> msgspec.Struct:
    match kind:
        case Kind.METRICS:
            return MetricsRow(
                timestamp=moment, interactions=dice.randrange(9), response_time_ms=dice.random() * 100
            )
        case Kind.LOG:
            return LogRow(
                timestamp=moment, level=dice.choice(list(LogLevel)), message="x" * dice.randrange(9)
            )
        case Kind.EVENT:
            return EventRow(
                timestamp=moment,
                event_type=dice.choice([EventType.TOOL_CALL, EventType.MODEL_CALL, EventType.ERROR]),
                tool_name=dice.choice(["", "search"]),
                success=dice.choice([None, True, False]),
                latency_ms=dice.choice([None, dice.random() * 1000]),
                input_tokens=dice.choice([None, 100]),
            )
        case Kind.COST:
            cost = dice.choice([None, "0.000000000001"])
            return CostRow(
                timestamp=moment, metric_type=CostMetric.TOKENS_IN, amount="10.1", currency="EUR", cost=cost
            )
        case _:
            return OtelMetricRow(
                timestamp=moment,
                metric_name=dice.choice(["a", "b"]),
                metric_type=OtelMetricType.GAUGE,
                value=dice.choice([None, dice.random()]),
            )


def a_chunk(kind: Kind, seed: int, agents: int = 3, rows: int = 200) -> bytes:
    """Rows of some agents over two days of arrival, and clocks that are hours off."""
    dice = random.Random(seed)  # noqa: S311 - the same rows each time
    lines = []
    for number in range(rows):
        received = NOW - dice.choice([0, _DAY_MS])
        moment = datetime.fromtimestamp(received / 1000, UTC) - timedelta(seconds=dice.random() * 20_000)
        prefix = row_prefix("default", f"agent-{number % agents}", received, uuid.UUID(int=seed).bytes)
        lines.append(encode_rows(prefix, [rows_of(kind, dice, moment)]))
    return b"".join(lines)


KINDS = (Kind.METRICS, Kind.LOG, Kind.EVENT, Kind.COST, Kind.OTEL_METRIC)


def put(clickhouse: EmbeddedClickHouse, kind: Kind, seed: int) -> int:
    """Insert a chunk as the writer does; the HTTP status."""
    table = TELEMETRY_TABLES[kind].table
    token = f"t:0:{seed}:{seed}:{table}"
    response = clickhouse.request(
        f"INSERT INTO {table} FORMAT JSONEachRow",
        a_chunk(kind, seed),
        database=DATABASE,
        insert_deduplication_token=token,
        **SETTINGS,
    )
    return response.status


def test_a_chunk_counts_once_however_often_it_is_inserted(clickhouse: EmbeddedClickHouse) -> None:
    for kind in KINDS:
        for seed in (1, 2, 1, 3, 2, 1):
            assert put(clickhouse, kind, seed) == 200
    assert clickhouse.query(f"SELECT count() FROM {DATABASE}.{Table.AGENT_LOGS}") == "600\n"  # noqa: S608 - a constant
    assert_roll_ups(clickhouse)
    for _, _, name in every_roll_up():
        clickhouse.query(f"OPTIMIZE TABLE {DATABASE}.{name} FINAL")
    assert_roll_ups(clickhouse)


@pytest.mark.parametrize("broken", list(Resolution))
def test_an_insert_that_failed_between_table_and_roll_up_is_made_whole_by_its_retry(
    clickhouse: EmbeddedClickHouse, broken: Resolution
) -> None:
    put(clickhouse, Kind.LOG, 1)
    target = f"{DATABASE}.{roll_up(Table.AGENT_LOGS, broken)}"
    clickhouse.query(f"ALTER TABLE {target} ADD CONSTRAINT nothing CHECK agent_id = ''")
    assert put(clickhouse, Kind.LOG, 2) != 200
    assert clickhouse.query(f"SELECT count() FROM {DATABASE}.{Table.AGENT_LOGS}") == "400\n"  # noqa: S608 - a constant
    with pytest.raises(AssertionError, match="not what a recount gives"):
        assert_roll_ups(clickhouse)
    clickhouse.query(f"ALTER TABLE {target} DROP CONSTRAINT nothing")
    assert put(clickhouse, Kind.LOG, 2) == 200
    assert_roll_ups(clickhouse)


@pytest.mark.parametrize("cut_off", [False, True], ids=["in one run", "and once more after it was cut off"])
def test_an_upgrade_rolls_up_what_is_there_already(
    empty_clickhouse: EmbeddedClickHouse, monkeypatch: pytest.MonkeyPatch, cut_off: bool
) -> None:
    clickhouse = empty_clickhouse
    address = parse_clickhouse_url(clickhouse_url(clickhouse.port))
    before = list(takewhile(lambda migration: not migration.title.endswith("_roll_ups"), load()))
    with monkeypatch.context() as patch:
        patch.setattr(module, "load", lambda: before)
        patch.setattr(module, "load_views", list)
        migrate(address)
    for kind in KINDS:
        put(clickhouse, kind, 1)
    if cut_off:
        feed = roll_up_feed(Table.AGENT_LOGS, Resolution.MINUTE)
        clickhouse.query(f"CREATE VIEW {DATABASE}.{feed} AS SELECT 1")  # so the last third fails
        with pytest.raises(MigrationError, match="agent_logs_roll_ups"):
            migrate(address)
        clickhouse.query(f"DROP VIEW {DATABASE}.{feed}")
    migrate(address)
    assert_roll_ups(clickhouse)
    for kind in KINDS:
        put(clickhouse, kind, 2)
    assert_roll_ups(clickhouse)
