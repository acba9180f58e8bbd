"""Creates, changes and deletes policies."""

import time

import msgspec

from query_api import errors
from query_api.directory import Directory
from query_api.records import Records
from runtime.problems import ProblemError
from schemas.policy import Policy, PolicyTerms

# What is asked of one call grows with them.
MAX_POLICIES = 100


class PolicyRegistrar:
    """Every method returns once this process has read its own records back, with their offsets by topic.

    `by` is the id of the operator who asks. Every method raises ProblemError: KAFKA_AWAY, the outcome is
    unknown; CONFLICT, others kept changing it.
    """

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        self._directory = directory
        self._records = records

    async def create(
        self, tenant_id: str, policy_id: str, terms: PolicyTerms, *, by: str
    ) -> tuple[Policy, dict[str, int]]:
        """Create a policy; its id may be that of one that was deleted.

        Raises:
            ProblemError: CONFLICT also when there is such a policy, or the tenant has as many as it may.
        """
        if len(self._directory.policies(tenant_id)) >= MAX_POLICIES:
            detail = f"The tenant {tenant_id} has {MAX_POLICIES} policies, more it cannot have."
            raise ProblemError(errors.CONFLICT, detail)

        def created(current: Policy) -> Policy:
            if not current.deleted:
                detail = f"There is a policy {policy_id} already: put it anew to change it."
                raise ProblemError(errors.CONFLICT, detail)
            now = _now()
            return Policy(tenant_id, policy_id, current.version + 1, terms, now, by, now, by)

        nothing = Policy(tenant_id, policy_id, 0, terms, 0, by, 0, by, deleted=True)
        return await self._records.change(nothing, created)

    async def replace(
        self, policy: Policy, terms: PolicyTerms, *, by: str, version: int | None
    ) -> tuple[Policy, dict[str, int]]:
        """Put other terms in the place of a policy's; the same change nothing.

        Raises:
            ProblemError: NOT_FOUND, it was deleted meanwhile; CONFLICT also when it is not at `version`.
        """

        def replaced(current: Policy) -> Policy:
            if current.deleted:
                raise ProblemError(errors.NOT_FOUND, f"The policy {current.policy_id} was deleted.")
            if version not in {None, current.version}:
                detail = f"Its version is {current.version} by now: read it again."
                raise ProblemError(errors.CONFLICT, detail)
            return current if current.terms == terms else _next(current, by, terms=terms)

        return await self._records.change(policy, replaced)

    async def delete(self, policy: Policy, *, by: str) -> dict[str, int]:
        """Delete a policy; one that is deleted already stays as it is."""

        def deleted(current: Policy) -> Policy:
            return current if current.deleted else _next(current, by, terms=PolicyTerms(), deleted=True)

        _, offsets = await self._records.change(policy, deleted)
        return offsets


def _next(policy: Policy, by: str, **changes: object) -> Policy:
    return msgspec.structs.replace(
        policy, version=policy.version + 1, changed_at=_now(), changed_by=by, **changes
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
