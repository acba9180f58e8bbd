"""Asks for erasures; the runner carries them out."""

import time

import uuid_utils as uuid

from query_api import errors
from query_api.directory import Directory
from query_api.records import Records
from runtime.control_writer import ConflictError
from runtime.problems import ProblemError
from schemas.control import control_topic
from schemas.erasures import Erasure, ErasureMode, ErasureState

# Each is looked at for every record that is read again.
MOST_PENDING = 100


class ErasureRegistrar:
    """Every method returns once this process has read its own records back, with their offsets by topic."""

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        self._directory = directory
        self._records = records

    async def request(  # noqa: PLR0913 - what an erasure says
        self,
        tenant_id: str,
        *,
        agent_id: str | None,
        value: str | None,
        mode: ErasureMode,
        reason: str,
        by: str,
    ) -> tuple[Erasure, dict[str, int]]:
        """Ask for an erasure; `by` is the id of the operator.

        Raises:
            ProblemError: CONFLICT, the same is asked for already, or too much; KAFKA_AWAY, the outcome is
                unknown.
        """
        pending = [
            found for found in self._directory.erasures(tenant_id) if found.state is not ErasureState.DONE
        ]
        for found in pending:
            if (found.agent_id, found.value) == (agent_id, value):
                detail = f"The erasure {found.erasure_id} is about the same, and is not done yet."
                raise ProblemError(errors.CONFLICT, detail)
        if len(pending) >= MOST_PENDING:
            detail = f"{MOST_PENDING} erasures of this tenant are not done yet: wait for them."
            raise ProblemError(errors.CONFLICT, detail)
        erasure = Erasure(
            erasure_id=str(uuid.uuid7()),
            tenant_id=tenant_id,
            mode=mode,
            requested_at=time.time_ns() // 1_000_000,
            requested_by=by,
            agent_id=agent_id,
            value=value,
            reason=reason,
        )
        try:
            offset = await self._records.create(erasure)
        except ConflictError as error:
            raise ProblemError(errors.CONFLICT, "The new id was taken: please ask again.") from error
        return erasure, {control_topic(erasure): offset}
