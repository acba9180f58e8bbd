"""Writes privacy policies, and the key that a tenant's hashes are made with."""

import secrets
from collections.abc import Callable

from query_api.directory import Directory
from query_api.records import Records
from runtime.control_writer import ConflictError
from schemas.control import control_topic
from schemas.identity import AgentRef
from schemas.privacy import PrivacyPolicy

_KEY_BYTES = 32

Alter = Callable[[PrivacyPolicy], PrivacyPolicy]


class PrivacyRegistrar:
    """Every method returns once this process has read its own records back, with their offsets by topic.

    Every method raises ProblemError: KAFKA_AWAY, the outcome is unknown; CONFLICT, others kept changing it.
    """

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        self._directory = directory
        self._records = records

    async def change_tenant(self, tenant_id: str, alter: Alter) -> dict[str, int]:
        """Put what `alter` makes of a tenant's policy in its place; its key is made with the first."""
        _, offsets = await self._records.change(_first_policy(tenant_id), alter)
        return offsets

    async def change_agent(self, ref: AgentRef, alter: Alter) -> dict[str, int]:
        """The same for an agent's policy, which may need the tenant's key."""
        before = await self._ensure_key(ref.tenant_id)
        _, offsets = await self._records.change(PrivacyPolicy(ref.tenant_id, ref.agent_id), alter)
        return before | offsets

    async def _ensure_key(self, tenant_id: str) -> dict[str, int]:
        if self._directory.privacy_of_tenant(tenant_id) is not None:
            return {}
        policy = _first_policy(tenant_id)
        try:
            return {control_topic(policy): await self._records.create(policy)}
        except ConflictError:
            # Somebody else made one just now, which is as good.
            return {}


def _first_policy(tenant_id: str) -> PrivacyPolicy:
    return PrivacyPolicy(tenant_id, hash_key=secrets.token_hex(_KEY_BYTES))
