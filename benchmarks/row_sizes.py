"""`make bench-sizes`: what an event takes on the disk, by kind and age, with text index and roll-ups."""

import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from chdb.state.sqlitelike import Connection

from infra.clickhouse.migrations import load
from infra.embedded.clickhouse.connection import open_connection
from schemas.block import Kind
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType
from schemas.messages.heartbeat import HeartbeatRow
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.values import AgentHealth, LogLevel
from schemas.retention import Tier
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import DATABASE, ROLLED_UP, TELEMETRY_TABLES, Resolution, Table, roll_up

_AGENTS = 200
_REQUESTS = 2000
_ROWS = 50  # a request
_DAY_MS = 86_400_000
_AGES = (0, Tier.RECENT + 1, Tier.HISTORICAL + 1)


def _row(kind: Kind, dice: random.Random, moment: datetime) -> msgspec.Struct:
    tool = dice.choice(["search", "browser", "database", "mail"])
    match kind:
        case Kind.HEARTBEAT:
            return HeartbeatRow(AgentHealth.ACTIVE, timestamp=moment)
        case Kind.METRICS:
            return MetricsRow(dice.randrange(100), dice.random() * 900, timestamp=moment)
        case Kind.LOG:
            text = f"call to {tool} finished after {dice.randrange(4000)} ms, run {dice.getrandbits(48):012x}"
            return LogRow(LogLevel.INFO, text, timestamp=moment)
        case Kind.EVENT:
            return EventRow(
                EventType.TOOL_CALL,
                timestamp=moment,
                run_id=f"run-{dice.randrange(500)}",
                tool_name=tool,
                success=dice.random() < 0.97,
                latency_ms=round(dice.random() * 4000, 1),
            )
        case _:
            amount = str(dice.randrange(8000))
            return CostRow(CostMetric.TOKENS_IN, amount, timestamp=moment, model="m", cost_center="research")


def _requests(kind: Kind, age_days: int) -> Iterator[bytes]:
    dice = random.Random(kind.value)  # noqa: S311 - a repeatable load, not a secret
    start = time.time_ns() // 1_000_000 - age_days * _DAY_MS - 20 * 60 * 1000
    for number in range(_REQUESTS):
        received = start + number * 500
        prefix = row_prefix("default", f"agent-{dice.randrange(_AGENTS)}", received, uuid.uuid4().bytes)
        moments = [datetime.fromtimestamp((received - 10 * n) / 1000, UTC) for n in range(_ROWS)]
        yield encode_rows(prefix, [_row(kind, dice, moment) for moment in moments])


def main() -> None:
    """Insert, merge, and print bytes an event."""
    connection = open_connection(tempfile.mkdtemp(prefix="promethios-sizes-"))
    connection.query(f"CREATE DATABASE {DATABASE}")
    connection.query(f"USE {DATABASE}")
    connection.query("SET date_time_input_format = 'best_effort'")
    for migration in load():
        for statement in migration.statements:
            connection.query(statement)
    print("| kind | NDJSON | first week | to 90 days | to a year | roll-ups |")
    print("|---|---|---|---|---|---|")
    for kind in (Kind.HEARTBEAT, Kind.METRICS, Kind.LOG, Kind.EVENT, Kind.COST):
        table, sizes, sent = TELEMETRY_TABLES[kind].table, [], 0
        for age in _AGES:
            connection.query(f"TRUNCATE TABLE {table}")
            body = b"".join(_requests(kind, int(age)))
            sent = len(body)
            connection.query(f"INSERT INTO {table} FORMAT JSONEachRow\n{body.decode()}")
            connection.query(f"OPTIMIZE TABLE {table} FINAL")
            sizes.append(_bytes(connection, table))
        rolled = sum(_rolled_bytes(connection, table)) / len(_AGES) if table in ROLLED_UP else 0.0
        figures = [sent, *sizes, rolled]
        print(f"| {kind} | " + " | ".join(f"{size / _REQUESTS / _ROWS:.1f}" for size in figures) + " |")


def _rolled_bytes(connection: Connection, table: Table) -> Iterator[int]:
    for resolution in Resolution:
        name = roll_up(table, resolution)
        connection.query(f"OPTIMIZE TABLE {name} FINAL")
        yield _bytes(connection, name)


def _bytes(connection: Connection, table: str) -> int:
    named = f"database = '{DATABASE}' AND table = '{table}'"
    found = connection.query(f"SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND {named}", "TSV")  # noqa: S608 - constants
    return int(found.bytes())


if __name__ == "__main__":
    main()
