"""Creates, labels and suspends agents: the order of control records, and what happens when two do it."""

import time
from collections.abc import Mapping

import msgspec
import uuid_utils as uuid

from query_api import errors
from query_api.directory import Directory
from query_api.key_registrar import Created, KeyRegistrar, KeyWish
from query_api.records import Records
from runtime.control_writer import ConflictError
from runtime.problems import ProblemError
from schemas.control import Agent, Suspension, Tenant, control_topic
from schemas.identity import AgentRef


class Registrar:
    """Writes agents and their tenants; returns once this process has read its own records back."""

    def __init__(self, directory: Directory, records: Records, keys: KeyRegistrar) -> None:
        """Decide by what has been read into `directory`."""
        self._directory = directory
        self._records = records
        self._keys = keys

    async def create_agent(
        self, ref: AgentRef, *, by: str, labels: Mapping[str, str] | None = None
    ) -> Created:
        """Create an agent with a first key, and its tenant if that is new; `by` is the operator's id.

        Killed between the two, it leaves an agent without a key: the answer to a second try says what to do.

        Raises:
            ProblemError: CONFLICT, the agent exists; KAFKA_AWAY, the outcome is unknown.
        """
        if self._directory.agent(ref) is not None:
            raise _agent_exists(ref)
        if self._directory.is_being_erased(ref):
            detail = f"The agent {ref.agent_id} is being erased: its id is free once that is done."
            raise ProblemError(errors.CONFLICT, detail)
        offsets = await self._ensure_tenant(ref.tenant_id)
        governance_id = f"gov-{uuid.uuid4()}"
        agent = Agent(ref.tenant_id, ref.agent_id, governance_id, _now(), dict(labels or {}))
        try:
            offsets[control_topic(agent)] = await self._records.create(agent)
        except ConflictError as error:
            raise _agent_exists(ref) from error
        created = await self._keys.create(agent, KeyWish(), by=by)
        return Created(created.key, created.api_key, offsets | created.offsets)

    async def label(self, agent: Agent, labels: Mapping[str, str]) -> tuple[Agent, dict[str, int]]:
        """Put labels in the place of all that an agent has.

        Raises:
            ProblemError: KAFKA_AWAY, the outcome is unknown; CONFLICT, others kept changing it.
        """
        return await self._records.change(
            agent, lambda current: msgspec.structs.replace(current, labels=dict(labels))
        )

    async def suspend(self, agent: Agent, reason: str, *, by: str) -> tuple[Agent, dict[str, int]]:
        """Suspend an agent; one that is suspended already stays so for the reason that was given first.

        Raises:
            ProblemError: KAFKA_AWAY, the outcome is unknown; CONFLICT, others kept changing it; NOT_FOUND, it
            has been erased meanwhile.
        """

        def suspended(current: Agent) -> Agent:
            _check_exists(current)
            if current.is_suspended:
                return current
            suspension = Suspension(_now(), suspended_by=by, reason=reason)
            return msgspec.structs.replace(current, suspension=suspension)

        return await self._records.change(agent, suspended)

    async def resume(self, agent: Agent, *, by: str) -> tuple[Agent, dict[str, int]]:
        """End an agent's suspension; one that is not suspended stays as it is.

        Raises:
            ProblemError: as `suspend`.
        """

        def resumed(current: Agent) -> Agent:
            _check_exists(current)
            if current.suspension is None or not current.is_suspended:
                return current
            lifted = msgspec.structs.replace(current.suspension, resumed_at=_now(), resumed_by=by)
            return msgspec.structs.replace(current, suspension=lifted)

        return await self._records.change(agent, resumed)

    async def _ensure_tenant(self, tenant_id: str) -> dict[str, int]:
        if self._directory.has_tenant(tenant_id):
            return {}
        tenant = Tenant(tenant_id, _now())
        try:
            return {control_topic(tenant): await self._records.create(tenant)}
        except ConflictError:
            # Somebody else created it just now, which is as good.
            return {}


def _check_exists(agent: Agent) -> None:
    if agent.erased_at is not None:
        raise ProblemError(errors.NOT_FOUND, f"The agent {agent.agent_id} has been erased.")


def _now() -> int:
    return time.time_ns() // 1_000_000


def _agent_exists(ref: AgentRef) -> ProblemError:
    detail = (
        f"The agent {ref.agent_id} exists in tenant {ref.tenant_id}: "
        f"for another key use POST /api/v1/agents/{ref.agent_id}/keys."
    )
    return ProblemError(errors.CONFLICT, detail)
