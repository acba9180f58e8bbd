"""Creates, changes, rotates and revokes API keys of agents."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import uuid_utils as uuid

from query_api import errors
from query_api.records import Records
from runtime.problems import ProblemError
from schemas.control import Agent, ApiKey, control_topic
from schemas.identity import hash_secret, new_api_key
from schemas.permissions import DEFAULT_PERMISSIONS, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """What a new key is to be; times in milliseconds, networks as CIDRs."""

    name: str = ""
    permissions: tuple[Permission, ...] = DEFAULT_PERMISSIONS
    allowed_networks: tuple[str, ...] = ()
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """A new key with its text, which is nowhere else, and where its records are.

    `offsets` has for each control topic written to the offset of the last record.
    """

    key: ApiKey
    api_key: str
    offsets: dict[str, int]


class KeyRegistrar:
    """Writes keys; every method returns once this process has read its own records back.

    `by` is the id of the operator who asks. Every method raises ProblemError KAFKA_AWAY where the outcome is
    unknown; all but `create` may then be repeated.
    """

    def __init__(self, records: Records) -> None:
        """Write through `records`."""
        self._records = records

    async def create(self, agent: Agent, wish: KeyWish, *, by: str) -> Created:
        """Create one more key of an agent."""
        now = _now()
        key = ApiKey(
            key_id=str(uuid.uuid7()),
            tenant_id=agent.tenant_id,
            agent_id=agent.agent_id,
            governance_id=agent.governance_id,
            key_hash="",
            permissions=wish.permissions,
            created_at=now,
            expires_at=wish.expires_at,
            name=wish.name,
            allowed_networks=wish.allowed_networks,
            lifetime_ms=None if wish.expires_at is None else wish.expires_at - now,
            created_by=by,
        )
        return await self._issue(key)

    async def change(self, key: ApiKey, changes: Mapping[str, Any]) -> tuple[ApiKey, dict[str, int]]:
        """Change fields of a key, by their names in its record; the key, and offsets as in `Created`.

        Raises:
            ProblemError: CONFLICT, it is revoked.
        """

        def alter(current: ApiKey) -> ApiKey:
            _require_unrevoked(current)
            return _changed(current, changes)

        return await self._records.change(key, alter)

    async def rotate(self, key: ApiKey, *, overlap_ms: int, by: str) -> tuple[Created, ApiKey]:
        """Create a successor that may do the same, and let the key expire after the overlap.

        The successor comes first, so that the agent has a key whatever happens between the two. Done again,
        it makes another successor and gives the key no more time. Returned are both.

        Raises:
            ProblemError: CONFLICT, the key is revoked.
        """
        _require_unrevoked(key)
        now = _now()
        successor = await self._issue(successor_of(key, now, by=by))
        rotated, offsets = await self._records.change(key, lambda current: retired(current, now + overlap_ms))
        return Created(successor.key, successor.api_key, successor.offsets | offsets), rotated

    async def revoke(self, key: ApiKey, *, by: str) -> dict[str, int]:
        """Revoke a key for good; offsets as in `Created`, empty when it is revoked already."""
        now = _now()

        def alter(current: ApiKey) -> ApiKey:
            if current.revoked_at is not None:
                return current
            return msgspec.structs.replace(current, revoked_at=now, revoked_by=by)

        _, offsets = await self._records.change(key, alter)
        return offsets

    async def _issue(self, key: ApiKey) -> Created:
        api_key = new_api_key(key.agent_id)
        issued = msgspec.structs.replace(key, key_hash=hash_secret(api_key))
        return Created(issued, api_key, {control_topic(issued): await self._records.create(issued)})


def successor_of(key: ApiKey, now: int, *, by: str) -> ApiKey:
    """A key that may do what `key` may, for as long as that was made for; its hash is that of nothing yet."""
    return msgspec.structs.replace(
        key,
        key_id=str(uuid.uuid7()),
        key_hash="",
        created_at=now,
        created_by=by,
        expires_at=None if key.lifetime_ms is None else now + key.lifetime_ms,
        rotated_from=key.key_id,
    )


def retired(key: ApiKey, until: int) -> ApiKey:
    """The key with no more time than until then; it never gets more than it had."""
    expires_at = until if key.expires_at is None else min(until, key.expires_at)
    return msgspec.structs.replace(key, expires_at=expires_at)


def _changed(key: ApiKey, changes: Mapping[str, Any]) -> ApiKey:
    changed = msgspec.structs.replace(key, **changes)
    if "expires_at" not in changes:
        return changed
    lifetime = None if changed.expires_at is None else changed.expires_at - key.created_at
    return msgspec.structs.replace(changed, lifetime_ms=lifetime)


def _require_unrevoked(key: ApiKey) -> None:
    if key.revoked_at is not None:
        raise ProblemError(
            errors.CONFLICT, f"The key {key.key_id} is revoked for good: create a new one instead."
        )


def _now() -> int:
    return time.time_ns() // 1_000_000
