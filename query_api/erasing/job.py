"""One erasure, from what is asked to its report; each step may be repeated, and the next start goes on."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from query_api.database import Database
from query_api.erasing.agents import AgentEnding
from query_api.erasing.remains import remains_of
from query_api.erasing.statements import COLUMNS, TableErasure, by_table, erasure_of
from query_api.erasing.writer_progress import WriterProgress
from query_api.records import Records
from runtime.logging import get_logger
from schemas.erasures import Erasure, ErasureState, TableReport
from schemas.identity import AgentRef

_log = get_logger(__name__)

# Every gateway refuses the agent's keys by then, and has published what it took before.
_GRACE_SECONDS = 3.0
_POLL_SECONDS = 0.5
# What came in while a mutation ran is found by the next one.
_ROUNDS = 5
_WRITER = "the writer, which has not stored everything yet that was there when the erasure began"


class NotErasedError(Exception):
    """Rows are still found; the job is tried again."""


class ErasureJob:
    """Carries out erasures by one ClickHouse and one set of control records."""

    def __init__(
        self, records: Records, agents: AgentEnding, database: Database, progress: WriterProgress
    ) -> None:
        """Use what somebody else connects and closes."""
        self._records = records
        self._agents = agents
        self._database = database
        self._progress = progress

    async def carry_out(self, erasure: Erasure) -> None:
        """Return when it is done, or was so already.

        Raises:
            ProblemError, KafkaError, ClickHouseError, NotErasedError: it is to be tried again.
        """
        _log.info("erasure_begins", erasure=erasure.erasure_id, state=erasure.state)
        if erasure.state is ErasureState.REQUESTED:
            erasure = await self._begin(erasure)
        erasure = await self._wait_for_writer(erasure)
        for table in await self._tables(erasure):
            erasure = await self._erase(erasure, table)
        if erasure.agent_id is not None:
            await self._agents.end(AgentRef(erasure.tenant_id, erasure.agent_id))
        finished = {"state": ErasureState.DONE, "finished_at": _now(), "remains": remains_of(erasure)}
        await self._change(erasure, **finished)
        _log.info("erasure_done", erasure=erasure.erasure_id)

    async def _begin(self, erasure: Erasure) -> Erasure:
        if erasure.agent_id is not None:
            ref = AgentRef(erasure.tenant_id, erasure.agent_id)
            await self._agents.revoke(ref, by=erasure.requested_by)
            await asyncio.sleep(_GRACE_SECONDS)
        return await self._change(erasure, state=ErasureState.RUNNING, up_to=_now())

    async def _wait_for_writer(self, erasure: Erasure) -> Erasure:
        ends = await self._progress.ends()
        while await self._progress.behind(ends):
            erasure = await self._change(erasure, waits_for=_WRITER)
            await asyncio.sleep(_POLL_SECONDS)
        return await self._change(erasure, waits_for="")

    async def _tables(self, erasure: Erasure) -> Sequence[TableErasure]:
        tables = by_table(dict(row) for row in await self._database.rows(COLUMNS))
        found = (erasure_of(table, columns, erasure) for table, columns in tables.items())
        return [table for table in found if table is not None]

    async def _erase(self, erasure: Erasure, table: TableErasure) -> Erasure:
        left = await self._count(table)
        # Before anything is altered: a job that goes on later would count less.
        erasure = await self._report(erasure, table.table, found=left, left=left)
        if not left:
            return erasure
        for _ in range(_ROUNDS):
            await self._database.run(table.alter)
            left = await self._count(table)
            if not left:
                return await self._report(erasure, table.table, found=0, left=0)
        raise NotErasedError(f"{table.table} has {left} rows of it still")

    async def _count(self, table: TableErasure) -> int:
        [row] = await self._database.rows(table.count)
        return int(row["rows"])

    async def _report(self, erasure: Erasure, table: str, *, found: int, left: int) -> Erasure:
        """Note what is left of a table; `found` counts what was found for the first time."""

        def alter(current: Erasure) -> Erasure:
            known = {report.table: report for report in current.tables}
            first = known[table].found if table in known else found
            known[table] = TableReport(table, first, left)
            return msgspec.structs.replace(current, tables=tuple(known.values()))

        changed, _ = await self._records.change(erasure, alter)
        return changed

    async def _change(self, erasure: Erasure, **changes: object) -> Erasure:
        changed, _ = await self._records.change(
            erasure, lambda current: msgspec.structs.replace(current, **changes)
        )
        return changed


def _now() -> int:
    return time.time_ns() // 1_000_000
