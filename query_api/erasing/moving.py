"""Gives the rows of an agent to nobody; whatever is killed, and however many do it, nothing is doubled.

Who tries copies all rows under a pseudonym of its own, beside those that are there. Then the control record
takes one attempt, the first that is whole; only after that do rows go: the agent's, and what the other
attempts have left. Nobody has to know whether the others still live.
"""

from query_api.database import Database
from query_api.erasing import moves
from query_api.erasing.moves import Attempt, Tables
from query_api.queries.query import Query
from runtime.logging import get_logger
from schemas.erasures import Erasure
from schemas.tables import Table

_log = get_logger(__name__)

# An agent's rows lie in as many partitions as days; equal blocks are not the same block.
_COPY = {"max_partitions_per_insert_block": 0, "insert_deduplicate": 0}


class NotMovedError(Exception):
    """The copies are not what the rows are; the job is tried again."""


class AgentMove:
    """By one ClickHouse. Every method may be repeated, and raises ProblemError or ClickHouseError."""

    def __init__(self, database: Database) -> None:
        """Use what somebody else connects and closes."""
        self._database = database

    async def copy(self, erasure: Erasure, tables: Tables) -> str:
        """Copy an agent's rows of all tables under a new pseudonym, beside them; returns the attempt's id.

        Raises:
            NotMovedError: rows came or went meanwhile.
        """
        attempt = Attempt(erasure.erasure_id)
        await self._database.run(moves.make_pseudonyms(erasure.erasure_id))
        await self._database.run(moves.note_pseudonym(attempt))
        try:
            await self._copy(attempt, erasure, tables)
        except Exception:
            # So that what fails again and again, as on a full disk, does not pile up.
            await self._take_back(attempt, erasure, tables)
            raise
        return attempt.attempt_id

    async def settle(self, erasure: Erasure, tables: Tables) -> None:
        """Once the agent's rows are gone, remove what other attempts have left, and forget the pseudonym."""
        await self._start_expiring(tables)
        await self._database.run(moves.make_pseudonyms(erasure.erasure_id))
        # First: what cannot be attached any more cannot come after its rows are removed.
        for row in await self._database.rows(moves.tables_of_copies(erasure.erasure_id)):
            await self._database.run(moves.drop(str(row["name"])))
        known = await self._database.rows(moves.known_pseudonyms(erasure.erasure_id))
        for attempt_id, pseudonym in ((row["attempt_id"], row["pseudonym"]) for row in known):
            if attempt_id == erasure.moved_by:
                await self._close(erasure, tables, pseudonym)
            else:
                await self._remove(erasure, tables, pseudonym)
        await self._database.run(moves.drop(moves.pseudonyms_of(erasure.erasure_id)))

    async def _copy(self, attempt: Attempt, erasure: Erasure, tables: Tables) -> None:
        # First all that takes long, so that figures count twice for as short as can be.
        copied = []
        for table, columns in tables.items():
            if await self._count(erasure, table, erasure.agent_id or ""):
                await self._database.run(moves.make_copies(attempt, table))
                await self._database.run(moves.stop_expiring(attempt.copies_of(table)))
                await self._database.run(moves.copy_rows(attempt, erasure, table, columns), _COPY)
                copied.append(table)
        for table in copied:
            await self._database.run(moves.stop_expiring(table))
            for row in await self._database.rows(moves.partitions_of(attempt.copies_of(table))):
                await self._database.run(moves.attach(attempt, table, str(row["partition_id"])))
        for table, columns in tables.items():
            before, after = [
                await self._database.rows(moves.figures_of(table, columns, erasure.tenant_id, agent_id))
                for agent_id in (erasure.agent_id or "", attempt.pseudonym)
            ]
            if before != after:
                raise NotMovedError(f"{table} has {before} of the agent, and {after} copied")

    async def _take_back(self, attempt: Attempt, erasure: Erasure, tables: Tables) -> None:
        try:
            for table in tables:
                await self._database.run(moves.drop(attempt.copies_of(table)))
            await self._remove(erasure, tables, attempt.pseudonym)
            await self._start_expiring(tables)
        except Exception as error:  # noqa: BLE001 - what failed before is the cause; whoever settles removes it
            _log.warning("attempt_left_behind", erasure=erasure.erasure_id, reason=repr(error))

    async def _remove(self, erasure: Erasure, tables: Tables, pseudonym: str) -> None:
        for table in tables:
            if await self._count(erasure, table, pseudonym):
                await self._database.run(moves.delete_rows(table, erasure.tenant_id, pseudonym))

    async def _start_expiring(self, tables: Tables) -> None:
        """Whoever stopped it, also in an earlier life."""
        for table in tables:
            await self._database.run(moves.start_expiring(table))

    async def _count(self, erasure: Erasure, table: str, agent_id: str) -> int:
        [row] = await self._database.rows(moves.count_rows(table, erasure.tenant_id, agent_id))
        return int(row["rows"])

    async def _close(self, erasure: Erasure, tables: Tables, pseudonym: str) -> None:
        closings: list[Query] = []
        if Table.ALERTS in tables:
            closings.append(moves.close_alerts(tables[Table.ALERTS], erasure, pseudonym))
        if Table.AGENT_STATUS in tables:
            closings.append(moves.close_status(tables[Table.AGENT_STATUS], erasure, pseudonym))
        for closing in closings:
            await self._database.run(closing)
