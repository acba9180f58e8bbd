"""Carries out erasures for as long as the process runs; what it leaves half done the next one does."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import msgspec

from query_api.database import Database
from query_api.directory import Directory
from query_api.erasing.agents import AgentEnding
from query_api.erasing.job import ErasureJob
from query_api.erasing.remains import forget_value_at
from query_api.erasing.writer_progress import WriterProgress
from query_api.records import Records
from query_api.settings import QuerySettings
from runtime.logging import get_logger
from schemas.erasures import Erasure, ErasureState

_log = get_logger(__name__)
_CLIENT_ID = "promethios-query-erasures"
_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 5.0
# A mutation goes over whole tables.
_STATEMENT_SECONDS = 3600


class ErasureRunner:
    """Looks for erasures that are not done, one after the other.

    Each process of the query API has one. Two that do the same do it twice, which changes nothing: all steps
    may be repeated, and a record that another has changed meanwhile is read anew before it is written.
    """

    def __init__(
        self, settings: QuerySettings, directory: Directory, records: Records, agents: AgentEnding
    ) -> None:
        """Nothing is connected before there is something to do."""
        self._settings = settings
        self._directory = directory
        self._records = records
        self._agents = agents

    async def run(self) -> None:
        """Carry out erasures until cancelled."""
        while True:
            try:
                await self._carry_out_all()
            except Exception as error:  # noqa: BLE001 - routes work all the same; it is tried again
                _log.warning("erasure_waits", reason=repr(error), again_in=_AGAIN_SECONDS)
                await asyncio.sleep(_AGAIN_SECONDS)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _carry_out_all(self) -> None:
        known = self._directory.all_erasures()
        for erasure in known:
            if is_to_be_forgotten(erasure, time.time_ns() // 1_000_000):
                await self._records.change(erasure, lambda found: msgspec.structs.replace(found, value=None))
        pending = [erasure for erasure in known if erasure.state is not ErasureState.DONE]
        if not pending:
            return
        async with contextlib.AsyncExitStack() as stack:
            database = await Database.connect(self._settings.clickhouse, _STATEMENT_SECONDS)
            stack.push_async_callback(database.close)
            progress = await stack.enter_async_context(WriterProgress(self._settings.kafka, _CLIENT_ID))
            job = ErasureJob(self._records, self._agents, database, progress)
            await carry_out_each(job, pending)


async def carry_out_each(job: ErasureJob, pending: Sequence[Erasure]) -> None:
    """Carry out all that can be: one that has to wait keeps no other waiting.

    Raises:
        ExceptionGroup: what was not done, and why.
    """
    failures = []
    for erasure in pending:
        try:
            await job.carry_out(erasure)
        except Exception as error:  # noqa: BLE001 - raised below
            failures.append(error)
    if failures:
        raise ExceptionGroup("erasures are not done", failures)


def is_to_be_forgotten(erasure: Erasure, now: int) -> bool:
    """Whether the value itself may go: it is erased, and nothing can be read again that holds it."""
    done = erasure.state is ErasureState.DONE and erasure.value is not None
    return done and now > forget_value_at(erasure)
