"""Which policies bind an agent at each offset of a partition: a function of the log alone.

As with trust models, versions that others superseded are kept, until no replay can begin before that. Each
version is an entry of its own in a checkpoint, for a policy may have 64 KiB. So a checkpoint that was written
in part may hold a version without the one before it, which a replay then puts in its place.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from policy_engine.compiled import CompiledPolicy, compile_policy
from policy_engine.deciding import policies_for
from policy_engine.policy_set import PolicySet
from schemas.control_block import ControlRow
from schemas.errors import InvalidMessageError
from schemas.policy import Policy
from schemas.topics import Topic
from stream_processors.rules.trust_models import KEPT_OFFSETS

# Agents whose policies are known by heart; beyond, they are looked for again.
_MOST_AGENTS = 200_000
_UNKNOWN = 0


class PolicyVersion(msgspec.Struct, array_like=True, frozen=True):
    """A policy that holds from the record at `since`; `version` is its control record's."""

    since: int
    version: int
    policy: Policy

    @property
    def key(self) -> str:
        """`tenant/policy/offset`, its name among all entries of a partition."""
        return f"{self.policy.tenant_id}/{self.policy.policy_id}/{self.since}"


class _Held(NamedTuple):
    """A version made ready; one that is deleted binds nobody."""

    record: PolicyVersion
    compiled: CompiledPolicy | None


class _TenantPolicies:
    """The policies of a tenant, by id; of each its versions, oldest first."""

    def __init__(self) -> None:
        self.policies: dict[str, list[_Held]] = {}
        self.newest = 0
        self._by_agent: dict[str, PolicySet | None] = {}
        self._sets: dict[tuple[str, ...], PolicySet] = {}

    def insert(self, record: PolicyVersion) -> bool:
        """Put a version in its place, unless it is there or the one before it is as new."""
        versions = self.policies.setdefault(record.policy.policy_id, [])
        place = bisect_right(versions, record.since, key=lambda held: held.record.since)
        if place:
            before = versions[place - 1].record
            if record.since == before.since or record.version <= before.version:
                return False
        compiled = None if record.policy.deleted else compile_policy(record.policy)
        versions.insert(place, _Held(record, compiled))
        self.newest = max(self.newest, record.since)
        self._by_agent.clear()
        self._sets.clear()
        return True

    def drop_superseded(self, policy_id: str, offset: int) -> list[PolicyVersion]:
        """Let go of the versions whose successors are so old that no replay begins before them."""
        versions = self.policies[policy_id]
        kept = bisect_right(versions, offset - KEPT_OFFSETS, key=lambda held: held.record.since)
        dropped = [held.record for held in versions[: max(0, kept - 1)]]
        del versions[: len(dropped)]
        return dropped

    def of(self, agent_id: str, offset: int) -> PolicySet | None:
        if offset < self.newest:
            # A replay from before the last change.
            return self._bound(agent_id, offset)
        try:
            return self._by_agent[agent_id]
        except KeyError:
            if len(self._by_agent) >= _MOST_AGENTS:
                self._by_agent.clear()
            found = self._by_agent[agent_id] = self._bound(agent_id, offset)
            return found

    def _bound(self, agent_id: str, offset: int) -> PolicySet | None:
        bound = policies_for(agent_id, self._in_force(offset))
        if not bound or offset < self.newest:
            return PolicySet(bound) if bound else None
        # Agents that have the same policies share them.
        return self._sets.setdefault(tuple(policy.policy_id for policy in bound), PolicySet(bound))

    def _in_force(self, offset: int) -> Iterable[CompiledPolicy]:
        for versions in self.policies.values():
            held = next((held for held in reversed(versions) if held.record.since <= offset), None)
            if held is not None and held.compiled is not None:
                yield held.compiled


class Policies:
    """The policies of a partition's tenants."""

    def __init__(self, records: Iterable[PolicyVersion] = ()) -> None:
        """Begin with the versions that a checkpoint holds, in any order."""
        self._tenants: dict[str, _TenantPolicies] = {}
        self._changed: list[PolicyVersion] = []
        self._gone: list[tuple[str, int]] = []
        for record in sorted(records, key=lambda record: record.since):
            self._tenant(record.policy.tenant_id).insert(record)

    def at(self, tenant_id: str, agent_id: str, offset: int) -> PolicySet | None:
        """What binds an agent at the record of that offset; None when nothing does."""
        tenant = self._tenants.get(tenant_id)
        return None if tenant is None else tenant.of(agent_id, offset)

    def version(self, key: str) -> int:
        """The version of the last control record under a key, `tenant/policy`; 0 when there was none."""
        tenant_id, policy_id = key.split("/")
        tenant = self._tenants.get(tenant_id)
        versions = () if tenant is None else tenant.policies.get(policy_id, ())
        return versions[-1].record.version if versions else _UNKNOWN

    def all(self) -> list[PolicyVersion]:
        """All versions that are kept, in the order of their keys."""
        tenants = self._tenants.values()
        held = [held for tenant in tenants for versions in tenant.policies.values() for held in versions]
        return sorted((one.record for one in held), key=lambda record: record.key)

    def absorb(self, records: Sequence[PolicyVersion]) -> None:
        """Take policies as they stand from an offset on; what is not newer than the last changes nothing."""
        for record in records:
            tenant = self._tenant(record.policy.tenant_id)
            if tenant.insert(record):
                self._changed.append(record)
                dropped = tenant.drop_superseded(record.policy.policy_id, record.since)
                self._gone += [(gone.key, record.since) for gone in dropped]

    def drain_changed(self) -> list[PolicyVersion]:
        """The versions that came since the last call, in the order of the log."""
        changed, self._changed = self._changed, []
        return changed

    def drain_gone(self) -> list[tuple[str, int]]:
        """The keys of the versions let go since the last call, each with the offset at which that was."""
        gone, self._gone = self._gone, []
        return gone

    def _tenant(self, tenant_id: str) -> _TenantPolicies:
        return self._tenants.setdefault(tenant_id, _TenantPolicies())


def decode_policy(row: ControlRow, offset: int) -> PolicyVersion:
    """The policy of a control row in the record at `offset`.

    Raises:
        InvalidMessageError: it is none.
    """
    if row.topic is not Topic.POLICIES:
        raise InvalidMessageError(f"{row.topic} holds no policies", field="topic")
    try:
        return PolicyVersion(offset, row.version, msgspec.json.decode(row.data, type=Policy))
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not a policy: {error}") from error


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(PolicyVersion)


def encode_policy(record: PolicyVersion) -> bytes:
    """A version as a checkpoint holds it."""
    return _encoder.encode(record)


def decode_packed_policy(packed: bytes) -> PolicyVersion:
    """Read a packed version.

    Raises:
        InvalidMessageError: the bytes are no policy of this release.
    """
    try:
        return _decoder.decode(packed)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not a policy: {error}") from error
