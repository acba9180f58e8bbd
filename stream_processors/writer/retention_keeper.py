"""Deletes what tenants want to be gone before the tables' own time is over; one process of all does it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from runtime.control_state import ControlState
from runtime.logging import get_logger
from schemas.retention import Retention
from schemas.topics import Topic
from stream_processors.writer.insert import Inserter, UnavailableError
from stream_processors.writer.retention import Expired, expired

_log = get_logger(__name__)


class RetentionKeeper:
    """Looks now and then; asks before it deletes, because each deletion rewrites the days that it touches."""

    def __init__(
        self,
        inserter: Inserter,
        control: ControlState,
        is_in_charge: Callable[[], bool],
        interval: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`interval` in seconds; `is_in_charge` tells whether it is this process that has to."""
        self._inserter = inserter
        self._control = control
        self._is_in_charge = is_in_charge
        self._interval = interval
        self._clock = clock

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            if self._is_in_charge():
                try:
                    await self.delete_expired()
                except UnavailableError as error:
                    _log.warning("retention_waits", reason=str(error))
            await asyncio.sleep(self._interval)

    async def delete_expired(self) -> None:
        """Look once.

        Raises:
            UnavailableError: ClickHouse did not do it; the next look will find the same.
        """
        entries = self._control.all(Topic.RETENTIONS).values()
        for one in expired((cast("Retention", entry.data) for entry in entries), self._clock().date()):
            if await self._is_there(one) and not await self._is_being_changed(one.table):
                await self._inserter.command(
                    f"ALTER TABLE {one.table} DELETE WHERE {one.condition}", one.parameters
                )
                _log.info(
                    "retention_deletes", tenant=one.tenant_id, table=one.table, before=one.before.isoformat()
                )

    async def _is_there(self, one: Expired) -> bool:
        sql = f"SELECT 1 FROM {one.table} WHERE {one.condition} LIMIT 1"  # noqa: S608 - names from schemas, values bound
        return bool(await self._inserter.rows(sql, one.parameters))

    async def _is_being_changed(self, table: str) -> bool:
        """Whether an earlier deletion is still at work: another one would only queue behind it."""
        sql = (
            "SELECT 1 FROM system.mutations WHERE database = currentDatabase() AND table = {table:String} "
            "AND NOT is_done LIMIT 1"
        )
        return bool(await self._inserter.rows(sql, {"table": table}))
