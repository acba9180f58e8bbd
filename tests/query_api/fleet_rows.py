"""Rows as the writer puts them into the tables: stamped telemetry, and derived events by id."""

import itertools
import uuid
from collections.abc import Sequence

import msgspec
import orjson

from schemas.accesses import Access
from schemas.block import Kind
from schemas.derived import DerivedData
from schemas.identity import AgentRef
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import DATABASE, EVENT_TABLES, TELEMETRY_TABLES, Table
from schemas.timestamps import to_rfc3339
from schemas.webhooks import WebhookDelivery
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

_TABLE_OF: dict[type[msgspec.Struct], Table] = {table.row: table.table for table in EVENT_TABLES.values()}


class FleetRows:
    """Inserts into the tables of one ClickHouse."""

    def __init__(self, clickhouse: EmbeddedClickHouse) -> None:
        self._clickhouse = clickhouse
        self._ids = itertools.count()

    def telemetry(self, kind: Kind, ref: AgentRef, rows: Sequence[msgspec.Struct], received_at: int) -> str:
        """Insert one request's rows of one kind; its batch id."""
        batch_id = uuid.uuid4()
        prefix = row_prefix(ref.tenant_id, ref.agent_id, received_at, batch_id.bytes)
        self._insert(TELEMETRY_TABLES[kind].table, encode_rows(prefix, list(rows)))
        return str(batch_id)

    def derived(
        self, data: DerivedData | WebhookDelivery | Access, time: int, event_id: str | None = None
    ) -> str:
        """Insert one derived event; its id."""
        event_id = event_id or f"{next(self._ids):08d}-{uuid.uuid4()}"
        row = {
            "event_id": event_id,
            "event_time": to_rfc3339(time),
            **msgspec.to_builtins(data),
        }
        self._insert(_TABLE_OF[type(data)], orjson.dumps(row))
        return event_id

    def _insert(self, table: Table, ndjson: bytes) -> None:
        self._clickhouse.insert(
            f"{DATABASE}.{table}",
            ndjson,
            date_time_input_format="best_effort",
            input_format_json_read_objects_as_strings=1,
            input_format_json_read_arrays_as_strings=1,
            # Else the table drops a second insert of the same bytes, and no copy would be there to be found.
            insert_deduplication_token=uuid.uuid4(),
        )
