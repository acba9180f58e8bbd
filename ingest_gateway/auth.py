"""API keys in memory: built from the control records, asked on each request; pure."""

from dataclasses import dataclass

import msgspec

from ingest_gateway.errors import AGENT_SUSPENDED, EXPIRED_KEY, MISTYPED_KEY, REVOKED_KEY, UNKNOWN_KEY
from runtime.problems import ProblemError
from schemas.control import Agent, ApiKey
from schemas.identity import AgentRef, digest_of_secret, parse_api_key, partition_of
from schemas.networks import Network, parse_network
from schemas.permissions import Permission

_ASK_AN_OPERATOR = "nothing was stored, and sending again will not help: ask an operator to resume this agent"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request comes from, worked out once when the key's record arrives.

    `networks` is None where the key may be used from anywhere.
    """

    key: ApiKey
    agent_key: str
    permissions: frozenset[Permission]
    partition: int
    networks: tuple[Network, ...] | None


class KeyIndex:
    """All keys by the SHA-256 of their text, the agents that exist, and those that are suspended.

    The lookup's timing tells nothing: nobody can steer the digest of what they send.
    """

    def __init__(self, partitions: int) -> None:
        """`partitions` is the telemetry topic's partition count."""
        self._partitions = partitions
        self._by_digest: dict[bytes, Identity] = {}
        self._digest_of_key: dict[str, bytes] = {}
        self._agents: set[str] = set()
        self._suspended: set[str] = set()

    def apply(self, _topic: str, _key: str, data: msgspec.Struct) -> None:
        """Take a changed control record, in the log's order; other kinds of records count for nothing."""
        match data:
            case Agent():
                self._put_agent(data)
            case ApiKey():
                self._put(data)

    def find(self, token: bytes, now: int) -> Identity:
        """The identity behind a key's text at `now` (milliseconds).

        Raises:
            ProblemError: mistyped, unknown, expired or revoked, or its agent does not exist or is suspended.
        """
        identity = self._by_digest.get(digest_of_secret(token))
        if identity is None:
            raise _no_such_key(token)
        key = identity.key
        if key.revoked_at is not None:
            raise ProblemError(REVOKED_KEY, "use another key of this agent")
        if key.expires_at is not None and key.expires_at <= now:
            raise ProblemError(EXPIRED_KEY, "create a new key for this agent")
        if identity.agent_key not in self._agents:
            raise ProblemError(UNKNOWN_KEY, "the agent of this key does not exist")
        if identity.agent_key in self._suspended:
            raise ProblemError(AGENT_SUSPENDED, _ASK_AN_OPERATOR)
        return identity

    def holds(self, identity: Identity) -> bool:
        """Whether the key's record is still the one that `find` gave, and its agent not suspended since."""
        digest = self._digest_of_key.get(identity.key.key_id)
        is_current = digest is not None and self._by_digest.get(digest) is identity
        return is_current and identity.agent_key not in self._suspended

    def _put_agent(self, agent: Agent) -> None:
        key = AgentRef(agent.tenant_id, agent.agent_id).key
        self._agents.discard(key)
        self._suspended.discard(key)
        if agent.erased_at is None:
            self._agents.add(key)
            if agent.is_suspended:
                self._suspended.add(key)

    def _put(self, key: ApiKey) -> None:
        replaced = self._digest_of_key.get(key.key_id)
        if replaced is not None:
            self._by_digest.pop(replaced, None)
        agent_key = AgentRef(key.tenant_id, key.agent_id).key
        digest = bytes.fromhex(key.key_hash)
        self._by_digest[digest] = Identity(
            key,
            agent_key,
            frozenset(key.permissions),
            partition_of(agent_key, self._partitions),
            _networks_of(key),
        )
        self._digest_of_key[key.key_id] = digest


def _no_such_key(token: bytes) -> ProblemError:
    """Told from the text alone: its checksum is no secret, and fitting it brings nobody closer to a key."""
    if parse_api_key(token.decode("latin-1")) is None:
        return ProblemError(MISTYPED_KEY, "copy the whole key again, from promethios_ to its last character")
    return ProblemError(UNKNOWN_KEY, "no such key was ever issued here: create one for this agent")


def _networks_of(key: ApiKey) -> tuple[Network, ...] | None:
    if not key.allowed_networks:
        return None
    networks = []
    for text in key.allowed_networks:
        try:
            networks.append(parse_network(text))
        except ValueError:
            # Whoever wrote the record meant to restrict the key: a network that cannot be read admits nobody.
            continue
    return tuple(networks)
