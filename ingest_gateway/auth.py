"""API keys in memory: built from the control records, asked on each request; pure."""

from dataclasses import dataclass

import msgspec

from ingest_gateway.errors import (
    EXPIRED_KEY,
    MISSING_KEY,
    MISSING_PERMISSION,
    OTHER_AGENT,
    REVOKED_KEY,
    UNKNOWN_KEY,
)
from runtime.problems import ProblemError
from schemas.control import Agent, ApiKey
from schemas.identity import AgentRef, hash_secret, partition_of
from schemas.permissions import Permission

_SCHEME = b"bearer "
_KEY_FORM = "send `Authorization: Bearer promethios_{agentId}_{secret}`"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request comes from, worked out once when the key's record arrives."""

    key: ApiKey
    agent_key: str
    permissions: frozenset[Permission]
    partition: int


class KeyIndex:
    """All keys by the SHA-256 of their text, and the agents that exist.

    The lookup's timing tells nothing: nobody can steer the digest of what they send.
    """

    def __init__(self, partitions: int) -> None:
        """`partitions` is the telemetry topic's partition count."""
        self._partitions = partitions
        self._by_hash: dict[str, Identity] = {}
        self._hash_of_key: dict[str, str] = {}
        self._agents: set[str] = set()

    def apply(self, _topic: str, _key: str, data: msgspec.Struct) -> None:
        """Take a changed control record, in the log's order; other kinds of records count for nothing."""
        match data:
            case Agent():
                self._agents.add(AgentRef(data.tenant_id, data.agent_id).key)
            case ApiKey():
                self._put(data)

    def find(self, token: bytes, now: int) -> Identity:
        """The identity behind a key's text at `now` (milliseconds).

        Raises:
            ProblemError: unknown, expired or revoked, or its agent does not exist.
        """
        identity = self._by_hash.get(hash_secret(token.decode("latin-1")))
        if identity is None:
            raise ProblemError(UNKNOWN_KEY, "check that the whole key was copied, or create a new one")
        key = identity.key
        if key.revoked_at is not None:
            raise ProblemError(REVOKED_KEY, "use another key of this agent")
        if key.expires_at is not None and key.expires_at <= now:
            raise ProblemError(EXPIRED_KEY, "create a new key for this agent")
        if identity.agent_key not in self._agents:
            raise ProblemError(UNKNOWN_KEY, "the agent of this key does not exist")
        return identity

    def holds(self, identity: Identity) -> bool:
        """Whether the key's record is still the one that `find` gave."""
        return self._by_hash.get(identity.key.key_hash) is identity

    def _put(self, key: ApiKey) -> None:
        replaced = self._hash_of_key.get(key.key_id)
        if replaced is not None:
            self._by_hash.pop(replaced, None)
        agent_key = AgentRef(key.tenant_id, key.agent_id).key
        partition = partition_of(agent_key, self._partitions)
        self._by_hash[key.key_hash] = Identity(key, agent_key, frozenset(key.permissions), partition)
        self._hash_of_key[key.key_id] = key.key_hash


def bearer_token(authorization: bytes | None) -> bytes:
    """The key's text out of the Authorization header.

    Raises:
        ProblemError: there is no such header, or it names another scheme.
    """
    if authorization is None:
        raise ProblemError(MISSING_KEY, _KEY_FORM)
    if authorization[: len(_SCHEME)].lower() != _SCHEME:
        raise ProblemError(MISSING_KEY, f"only Bearer keys are taken: {_KEY_FORM}")
    return authorization[len(_SCHEME) :].strip()


def authorize(
    identity: Identity, permission: Permission, claimed_agent: bytes | None, claimed_governance: bytes | None
) -> None:
    """Check what the key may do, and the ids that X-Agent-ID and X-Governance-ID claim.

    Raises:
        ProblemError: the permission is missing, or an id is not the key's.
    """
    if permission not in identity.permissions:
        raise ProblemError(MISSING_PERMISSION, f"this route needs the permission {permission.value}")
    if claimed_agent is not None and claimed_agent != identity.key.agent_id.encode():
        raise ProblemError(OTHER_AGENT, "X-Agent-ID is not the agent of this key: correct it or leave it out")
    if claimed_governance is not None and claimed_governance != identity.key.governance_id.encode():
        raise ProblemError(
            OTHER_AGENT, "X-Governance-ID is not the governance id of this key: correct it or leave it out"
        )
