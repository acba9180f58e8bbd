"""Which policies bind an agent at each offset of a partition: a function of the log alone."""

from collections.abc import Iterable

from policy_engine.compiled import CompiledPolicy, compile_policy
from policy_engine.deciding import policies_for
from policy_engine.policy_set import PolicySet
from schemas.policy import Policy
from schemas.topics import Topic
from stream_processors.rules.control_history import ControlHistory

# Agents whose policies are known by heart; beyond, they are looked for again.
_MOST_AGENTS = 200_000


class Policies(ControlHistory[Policy, CompiledPolicy]):
    """The policies of a partition's tenants."""

    topic = Topic.POLICIES
    data_type = Policy

    def __init__(self, packed: Iterable[bytes] = ()) -> None:
        """Begin with the versions that a checkpoint holds, in any order."""
        self._by_agent: dict[str, dict[str, PolicySet | None]] = {}
        self._sets: dict[str, dict[tuple[str, ...], PolicySet]] = {}
        super().__init__(packed)

    def prepare(self, data: Policy) -> CompiledPolicy | None:
        """The policy compiled; one that is deleted binds nobody."""
        return None if data.deleted else compile_policy(data)

    def tenant_changed(self, tenant_id: str) -> None:
        """Forget who was bound by what."""
        self._by_agent[tenant_id] = {}
        self._sets[tenant_id] = {}

    def binding(self, tenant_id: str, agent_id: str, offset: int) -> PolicySet | None:
        """What binds an agent at the record of that offset; None when nothing does."""
        by_agent = self._by_agent.get(tenant_id)
        if by_agent is None:
            return None
        if offset < self.newest(tenant_id):
            # A replay from before the last change.
            bound = policies_for(agent_id, self.in_force(tenant_id, offset))
            return PolicySet(bound) if bound else None
        try:
            return by_agent[agent_id]
        except KeyError:
            if len(by_agent) >= _MOST_AGENTS:
                by_agent.clear()
            found = by_agent[agent_id] = self._bound(tenant_id, agent_id, offset)
            return found

    def _bound(self, tenant_id: str, agent_id: str, offset: int) -> PolicySet | None:
        bound = policies_for(agent_id, self.in_force(tenant_id, offset))
        if not bound:
            return None
        # Agents that have the same policies share them.
        return self._sets[tenant_id].setdefault(tuple(policy.policy_id for policy in bound), PolicySet(bound))
