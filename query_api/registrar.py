"""Creates agents and keys: the order of the control records, and what happens when two do it at once."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import uuid_utils as uuid
from aiokafka.errors import KafkaError

from query_api import errors
from query_api.directory import Directory
from runtime.control_log import ControlReader
from runtime.control_writer import ConflictError, ControlWriter
from runtime.problems import ProblemError
from schemas.control import Agent, ApiKey, ControlData, Tenant, control_key, control_topic
from schemas.identity import AgentRef, hash_secret, new_api_key
from schemas.permissions import DEFAULT_PERMISSIONS, Permission
from schemas.timestamps import from_datetime

_WRITE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Created:
    """A new key with its text, which is nowhere else, and where its records are.

    `offsets` has for each control topic written to the offset of the last record.
    """

    agent: Agent
    key: ApiKey
    api_key: str
    offsets: dict[str, int] = field(default_factory=dict)


class Registrar:
    """Writes control records; every method returns once this process has read its own records back."""

    def __init__(self, directory: Directory, reader: ControlReader, writer: ControlWriter) -> None:
        """Decide by what `reader` has read into `directory`."""
        self._directory = directory
        self._reader = reader
        self._writer = writer
        self._writing = asyncio.Lock()

    async def create_agent(self, ref: AgentRef) -> Created:
        """Create an agent with a first key, and its tenant if that is new.

        Killed between the two, it leaves an agent without a key: the answer to a second try says what to do.

        Raises:
            ProblemError: CONFLICT, the agent exists; KAFKA_AWAY, the outcome is unknown.
        """
        if self._directory.agent(ref) is not None:
            raise _agent_exists(ref)
        offsets = await self._ensure_tenant(ref.tenant_id)
        governance_id = f"gov-{uuid.uuid4()}"
        agent = Agent(ref.tenant_id, ref.agent_id, governance_id, _now())
        try:
            offsets[control_topic(agent)] = await self._put(agent, new=True)
        except ConflictError as error:
            raise _agent_exists(ref) from error
        created = await self.create_key(agent, DEFAULT_PERMISSIONS, None)
        return Created(agent, created.key, created.api_key, offsets | created.offsets)

    async def create_key(
        self, agent: Agent, permissions: tuple[Permission, ...], expires_at: datetime | None
    ) -> Created:
        """Create one more key of an agent.

        Raises:
            ProblemError: KAFKA_AWAY, the outcome is unknown.
        """
        api_key = new_api_key(agent.agent_id)
        key = ApiKey(
            key_id=str(uuid.uuid7()),
            tenant_id=agent.tenant_id,
            agent_id=agent.agent_id,
            governance_id=agent.governance_id,
            key_hash=hash_secret(api_key),
            permissions=permissions,
            created_at=_now(),
            expires_at=None if expires_at is None else from_datetime(expires_at),
        )
        return Created(agent, key, api_key, {control_topic(key): await self._put(key, new=True)})

    async def revoke_key(self, key: ApiKey) -> dict[str, int]:
        """Revoke a key; offsets as in `Created`, empty when it is revoked already.

        Raises:
            ProblemError: KAFKA_AWAY, the outcome is unknown; CONFLICT, somebody else changed it just now.
        """
        if key.revoked_at is not None:
            return {}
        revoked = msgspec.structs.replace(key, revoked_at=_now())
        try:
            return {control_topic(revoked): await self._put(revoked, new=False)}
        except ConflictError as error:
            raise ProblemError(errors.CONFLICT, f"{error}: please ask again.") from error

    async def _ensure_tenant(self, tenant_id: str) -> dict[str, int]:
        if self._directory.has_tenant(tenant_id):
            return {}
        tenant = Tenant(tenant_id, _now())
        try:
            return {control_topic(tenant): await self._put(tenant, new=True)}
        except ConflictError:
            # Somebody else created it just now, which is as good.
            return {}

    async def _put(self, data: ControlData, *, new: bool) -> int:
        topic, key = control_topic(data), control_key(data)
        try:
            # One write at a time: what this process has read cannot be outdated by its own writes.
            async with asyncio.timeout(_WRITE_SECONDS), self._writing:
                entry = self._reader.state.get(topic, key)
                if new and entry is not None:
                    raise ConflictError(f"{key} exists")
                return await self._writer.put(topic, key, data, replaces=entry.version if entry else 0)
        except (TimeoutError, KafkaError) as error:
            detail = "It may or may not have happened: look before you ask again."
            raise ProblemError(errors.KAFKA_AWAY, detail) from error


def _agent_exists(ref: AgentRef) -> ProblemError:
    detail = (
        f"The agent {ref.agent_id} exists in tenant {ref.tenant_id}: "
        f"for another key use POST /api/v1/agents/{ref.agent_id}/keys."
    )
    return ProblemError(errors.CONFLICT, detail)


def _now() -> int:
    return time.time_ns() // 1_000_000
