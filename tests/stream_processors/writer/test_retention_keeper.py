"""On the real engine: what a tenant wants to be gone goes, in roll-ups too, and nothing else does."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from runtime.control_state import ControlState, Envelope
from runtime.settings import parse_clickhouse_url
from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.retention import Retention
from schemas.tables import DATABASE
from schemas.topics import Topic
from stream_processors.writer.insert import Inserter, UnavailableError
from stream_processors.writer.retention_keeper import RetentionKeeper
from tests.infra.clickhouse.roll_ups import assert_roll_ups
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.writer_process import clickhouse_url
from tests.query_api.fleet_rows import FleetRows
from tests.stream_processors.writer.fakes import eventually

pytestmark = pytest.mark.integration

_DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("retention")).with_data(migrated_data).start()
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture
async def inserter(clickhouse: EmbeddedClickHouse) -> AsyncIterator[Inserter]:
    inserter = Inserter(parse_clickhouse_url(clickhouse_url(clickhouse.port)), 1, 30)
    yield inserter
    await inserter.stop()


def control(*retentions: Retention) -> ControlState:
    state = ControlState({str(Topic.RETENTIONS): Retention})
    for one in retentions:
        envelope = Envelope(1, "write", msgspec.Raw(msgspec.json.encode(one)))
        state.apply(Topic.RETENTIONS, one.tenant_id, msgspec.json.encode(envelope))
    return state


def days_left(clickhouse: EmbeddedClickHouse) -> dict[str, int]:
    sql = f"SELECT tenant_id, count() FROM {DATABASE}.agent_logs GROUP BY ALL"  # noqa: S608 - a constant
    return {name: int(n) for name, n in (line.split("\t") for line in clickhouse.query(sql).splitlines())}


async def test_a_tenants_old_days_go_and_no_others(
    clickhouse: EmbeddedClickHouse, inserter: Inserter
) -> None:
    rows, now = FleetRows(clickhouse), time.time_ns() // 1_000_000
    for tenant in ("short", "default"):
        for days in (0, 1, 3, 25):
            line = [LogRow(level=LogLevel.INFO, message="x")]
            rows.telemetry(Kind.LOG, AgentRef(tenant, "agent-1"), line, now - days * _DAY_MS)
    keeper = RetentionKeeper(
        inserter, control(Retention("short", {"agent_logs": 2}, 1, "ada")), lambda: True, interval=60
    )

    await keeper.delete_expired()

    await eventually(lambda: days_left(clickhouse) == {"short": 2, "default": 4})
    done = f"SELECT count() FROM system.mutations WHERE database = '{DATABASE}' AND NOT is_done"  # noqa: S608 - a constant
    await eventually(lambda: clickhouse.query(done) == "0\n")
    assert_roll_ups(clickhouse)
    made = "SELECT count() FROM system.mutations"
    before = clickhouse.query(made)
    await keeper.delete_expired()
    assert clickhouse.query(made) == before, "what is gone is not deleted again"


async def test_only_who_is_in_charge_deletes_and_a_bad_moment_passes() -> None:
    asked: list[bool] = []

    class Away(Inserter):
        async def rows(self, *_: object) -> list[list[object]]:
            asked.append(True)
            raise UnavailableError("away")

    in_charge = [False, True, True]
    keeper = RetentionKeeper(
        Away(parse_clickhouse_url("http://u:p@127.0.0.1:1/d"), 1, 1),
        control(Retention("short", {"agent_logs": 2}, 1, "ada")),
        lambda: in_charge.pop(0) if in_charge else False,
        interval=0.01,
    )
    running = asyncio.create_task(keeper.run())
    await eventually(lambda: not in_charge)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert asked == [True, True]
