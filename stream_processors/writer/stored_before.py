"""Rows that are stored already, so long ago that ClickHouse has forgotten the token of their insert.

It remembers the last blocks of each table, ten thousand by default. A chunk that is tried again after more
would be stored twice. The rows of a chunk's day are one block, all there or none: one row tells of them all.
"""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

import msgspec

from schemas.tables import TELEMETRY_TABLES
from schemas.timestamps import from_datetime
from stream_processors.writer.insert import Inserter

# Derived events that are stored twice become one row by themselves.
_TABLES = frozenset(telemetry.table for telemetry in TELEMETRY_TABLES.values())

# Blocks are counted by their numbers. A part is known only as a whole, hence by its first block: then more
# may seem to have come since than have. Half the window leaves room for what comes in between.
_FORGOTTEN = """
SELECT count() > 0 AND 2 * (
    (
        SELECT max(max_block_number) FROM system.parts
        WHERE database = currentDatabase() AND table = {{table:String}}
    ) - min(min_block_number)
) >= (
    SELECT toInt64OrZero(extract(engine_full, 'deduplication_window = ([0-9]+)')) FROM system.tables
    WHERE database = currentDatabase() AND name = {{table:String}}
)
FROM system.parts
WHERE database = currentDatabase() AND table = {{table:String}} AND name IN (
    SELECT _part FROM {table}
    WHERE tenant_id = {{tenant_id:String}} AND agent_id = {{agent_id:String}} AND batch_id = {{batch_id:UUID}}
    AND seq = {{seq:UInt32}} AND received_at = fromUnixTimestamp64Milli({{received_at:Int64}}, 'UTC')
)
"""


class _Identity(msgspec.Struct):
    """What tells a row from all others."""

    tenant_id: str
    agent_id: str
    received_at: datetime
    batch_id: UUID
    seq: int

    @property
    def day(self) -> date:
        return self.received_at.date()


async def without_stored(inserter: Inserter, table: str, ndjson: bytes) -> bytes:
    """The rows without those that are in the table since long; the rest may be there, under its token.

    Raises:
        UnavailableError: ClickHouse did not answer.
    """
    if table not in _TABLES:
        return ndjson
    days = _by_day(ndjson)
    kept = [lines for lines in days.values() if not await _is_forgotten(inserter, table, lines[0])]
    return ndjson if len(kept) == len(days) else b"".join(line for lines in kept for line in lines)


def _by_day(ndjson: bytes) -> dict[date | None, list[bytes]]:
    days: defaultdict[date | None, list[bytes]] = defaultdict(list)
    for line in ndjson.splitlines(keepends=True):
        identity = _identity(line)
        days[None if identity is None else identity.day].append(line)
    return days


def _identity(line: bytes) -> _Identity | None:
    try:
        return msgspec.json.decode(line, type=_Identity)
    except msgspec.MsgspecError:
        return None  # a poison row, which is not stored


async def _is_forgotten(inserter: Inserter, table: str, line: bytes) -> bool:
    identity = _identity(line)
    if identity is None:
        return False
    values = msgspec.structs.asdict(identity) | {
        "table": table,
        "received_at": from_datetime(identity.received_at),
        "batch_id": str(identity.batch_id),
    }
    [[forgotten]] = await inserter.rows(_FORGOTTEN.format(table=table), values)
    return bool(forgotten)
