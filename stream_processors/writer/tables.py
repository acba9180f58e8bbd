"""Whether ClickHouse has every table and column that rows bring, lest a missing migration refuse rows."""

import asyncio
from collections.abc import Mapping

from runtime.logging import get_logger
from schemas.tables import EVENT_TABLES, ROLLED_UP, TELEMETRY_TABLES, Resolution, roll_up_feed
from stream_processors.writer.insert import Inserter, UnavailableError

_log = get_logger(__name__)
_RETRY_SECONDS = 1.0

# The views that fill the roll-ups too: they are made last, and what came before them would be missing there.
NEEDED: Mapping[str, frozenset[str]] = {
    spec.table.value: frozenset(spec.columns)
    for specs in (TELEMETRY_TABLES, EVENT_TABLES)
    for spec in specs.values()
} | {
    roll_up_feed(table, resolution): frozenset({"bucket"}) for table in ROLLED_UP for resolution in Resolution
}


async def missing_columns(inserter: Inserter) -> dict[str, list[str]]:
    """For each table that lacks some of them, the columns that rows bring and it has not.

    Raises:
        UnavailableError: ClickHouse did not answer.
    """
    missing = {}
    for table, needed in NEEDED.items():
        lacking = needed - await inserter.columns(table)
        if lacking:
            missing[table] = sorted(lacking)
    return missing


async def wait_for_tables(inserter: Inserter) -> None:
    """Return when every table has its columns; says in the log what it waits for when that changes."""
    said: str | None = None
    while True:
        try:
            missing = await missing_columns(inserter)
            waits_for = f"migrations: {missing}" if missing else None
        except UnavailableError as error:
            waits_for = f"ClickHouse: {error}"
        if waits_for is None:
            return
        if waits_for != said:
            _log.warning("writer_waits", reason=waits_for)
            said = waits_for
        await asyncio.sleep(_RETRY_SECONDS)
