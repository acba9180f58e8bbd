"""One erasure, from what is asked to its report; each step may be repeated, and the next start goes on."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from query_api.database import Database
from query_api.erasing.agents import AgentEnding
from query_api.erasing.columns import COLUMNS, Column, by_table
from query_api.erasing.moving import AgentMove
from query_api.erasing.remains import remains_of
from query_api.erasing.statements import TableErasure, erasure_of
from query_api.erasing.writer_progress import WriterProgress
from query_api.records import Records
from runtime.logging import get_logger
from schemas.erasures import Erasure, ErasureState, TableReport
from schemas.identity import AgentRef

_log = get_logger(__name__)

# Every gateway refuses the agent's keys by then, and has published what it took before; later on, by then
# the processors have ended its state, and the writer leaves out what they said last.
_GRACE_SECONDS = 3.0
_POLL_SECONDS = 0.5
# What came in while a mutation ran is found by the next one.
_ROUNDS = 5
_WRITER = "the writer, which has not stored everything yet that was there when the erasure began"


class NotErasedError(Exception):
    """Rows are still found; the job is tried again."""


class _DoneElsewhereError(Exception):
    """Another process has done it meanwhile: whatever has the id now is somebody else."""


class ErasureJob:
    """Carries out erasures by one ClickHouse and one set of control records."""

    def __init__(
        self, records: Records, agents: AgentEnding, database: Database, progress: WriterProgress
    ) -> None:
        """Use what somebody else connects and closes."""
        self._move = AgentMove(database)
        self._records = records
        self._agents = agents
        self._database = database
        self._progress = progress

    async def carry_out(self, erasure: Erasure) -> None:
        """Return when it is done, or was so already.

        Raises:
            ProblemError, KafkaError, ClickHouseError, NotErasedError, NotMovedError: it is to be tried again.
        """
        _log.info("erasure_begins", erasure=erasure.erasure_id, state=erasure.state)
        try:
            await self._carry_out(erasure)
        except _DoneElsewhereError:
            _log.info("erasure_done_elsewhere", erasure=erasure.erasure_id)
        else:
            _log.info("erasure_done", erasure=erasure.erasure_id)

    async def _carry_out(self, erasure: Erasure) -> None:
        if erasure.state is ErasureState.REQUESTED:
            erasure = await self._begin(erasure)
        if erasure.agent_id is not None:
            await asyncio.sleep(_GRACE_SECONDS)
        erasure = await self._wait_for_writer(erasure)
        columns = await self._columns(erasure)
        if erasure.moves_rows and not erasure.moved_by:
            attempt_id = await self._move.copy(erasure, columns)
            erasure = await self._choose(erasure, attempt_id)
        for table in _of_tables(erasure, columns):
            erasure = await self._erase(erasure, table)
        if erasure.moves_rows:
            await self._move.settle(erasure, columns)
        if erasure.agent_id is not None:
            await self._agents.end(AgentRef(erasure.tenant_id, erasure.agent_id))
        finished = {"state": ErasureState.DONE, "finished_at": _now(), "remains": remains_of(erasure)}
        await self._change(erasure, **finished, moved_by="")

    async def _begin(self, erasure: Erasure) -> Erasure:
        if erasure.agent_id is not None:
            ref = AgentRef(erasure.tenant_id, erasure.agent_id)
            await self._agents.revoke(ref, by=erasure.requested_by)
            await asyncio.sleep(_GRACE_SECONDS)
        up_to = _now()
        if erasure.moves_rows:
            # From `up_to` on the writer leaves out what the figures are to keep.
            erasure = await self._wait_for_writer(erasure)

        def begun(current: Erasure) -> Erasure:
            if current.state is not ErasureState.REQUESTED:
                return current
            return msgspec.structs.replace(current, state=ErasureState.RUNNING, up_to=up_to)

        return await self._alter(erasure, begun)

    async def _wait_for_writer(self, erasure: Erasure) -> Erasure:
        ends = await self._progress.ends()
        while await self._progress.behind(ends):
            erasure = await self._change(erasure, waits_for=_WRITER)
            await asyncio.sleep(_POLL_SECONDS)
        return await self._change(erasure, waits_for="")

    async def _columns(self, erasure: Erasure) -> Mapping[str, Sequence[Column]]:
        """Of the tables that it is about."""
        tables = by_table(dict(row) for row in await self._database.rows(COLUMNS))
        return {name: columns for name, columns in tables.items() if erasure_of(name, columns, erasure)}

    async def _choose(self, erasure: Erasure, attempt_id: str) -> Erasure:
        """Have this attempt count, unless another does."""

        def chosen(current: Erasure) -> Erasure:
            return current if current.moved_by else msgspec.structs.replace(current, moved_by=attempt_id)

        return await self._alter(erasure, chosen)

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

        return await self._alter(erasure, alter)

    async def _change(self, erasure: Erasure, **changes: object) -> Erasure:
        return await self._alter(erasure, lambda current: msgspec.structs.replace(current, **changes))

    async def _alter(self, erasure: Erasure, alter: Callable[[Erasure], Erasure]) -> Erasure:
        def unless_done(current: Erasure) -> Erasure:
            if current.state is ErasureState.DONE:
                raise _DoneElsewhereError
            return alter(current)

        changed, _ = await self._records.change(erasure, unless_done)
        return changed


def _of_tables(erasure: Erasure, columns: Mapping[str, Sequence[Column]]) -> Iterator[TableErasure]:
    found = (erasure_of(table, of_table, erasure) for table, of_table in columns.items())
    return (table for table in found if table is not None)


def _now() -> int:
    return time.time_ns() // 1_000_000
