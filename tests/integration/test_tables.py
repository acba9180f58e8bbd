"""Messages, examples and tables agree: every column is somebody's field, and every example can be stored."""

import time

import msgspec
import pytest

from schemas.stamps import encode_rows, row_prefix
from schemas.tables import DATABASE, EVENT_TABLES, TELEMETRY_TABLES, DerivedTable, TelemetryTable
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.schemas.examples import VALID, Example

pytestmark = pytest.mark.integration

# Kept in another form than they came in: texts by name, instants, exact decimals.
ODD = {"received_at", "timestamp", "last_activity", "attributes", "context", "amount", "cost", "batch_id"}

TABLES = [*TELEMETRY_TABLES.values(), *EVENT_TABLES.values()]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.table))
def test_a_tables_columns_are_its_messages_fields(
    tables: EmbeddedClickHouse, table: TelemetryTable | DerivedTable
) -> None:
    stored = tables.query(
        "SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}",
        param_database=DATABASE,
        param_table=table.table.value,
    )
    assert set(stored.split()) == set(table.columns)


@pytest.mark.parametrize("example", VALID, ids=str)
def test_every_valid_example_can_be_stored_and_is_kept_whole(
    tables: EmbeddedClickHouse, example: Example
) -> None:
    payload = msgspec.json.decode(msgspec.json.encode(example.payload), type=example.route.payload)
    agent_id = f"example-{example.route.name}-{example.name}"
    rows = encode_rows(
        row_prefix("default", agent_id, time.time_ns() // 1_000_000, bytes(16)),
        [example.route.to_row(payload)],
    )
    table = TELEMETRY_TABLES[example.route.kind].table
    settings = {"date_time_input_format": "best_effort", "input_format_skip_unknown_fields": 0}
    tables.insert(table.value, rows, **settings)
    kept = tables.query(
        f"SELECT * FROM {table} WHERE agent_id = {{agent:String}} FORMAT JSONEachRow",  # noqa: S608 - a constant
        param_agent=agent_id,
    )
    row, sent = msgspec.json.decode(kept), msgspec.json.decode(rows)
    assert {name: row[name] for name in sent if name not in ODD} == {
        name: sent[name] for name in sent if name not in ODD
    }
    if "context" in sent and not isinstance(sent["context"], str):
        assert msgspec.json.decode(row["context"]) == sent["context"]
