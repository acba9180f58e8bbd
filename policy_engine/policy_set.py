"""The policies of one agent, or of all that have the same, with what they said of calls before."""

from collections.abc import Sequence

from policy_engine.compiled import CompiledPolicy
from policy_engine.deciding import findings_of_call, findings_of_facts
from policy_engine.facts import Call, Facts
from policy_engine.findings import Finding

# Agents call few tools, but may make up names without end.
_MOST_KNOWN = 10_000


class PolicySet:
    """Answers as the functions of `policy_engine.deciding` do, of calls by heart; for one thread."""

    def __init__(self, policies: Sequence[CompiledPolicy]) -> None:
        """`policies` as `policies_for` gives them."""
        self.policies = policies
        caps = [policy.daily_cost_cap for policy in policies]
        self.capped_currencies = frozenset(cap.currency for cap in caps if cap is not None)
        self._known: dict[tuple[str, str], Sequence[Finding]] = {}

    def findings_of_call(self, tool: str, action: str) -> Sequence[Finding]:
        """What speaks against a call; its parts, because to make one for each event takes long."""
        found = self._known.get((tool, action))
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[tool, action] = findings_of_call(self.policies, Call(tool, action))
        return found

    def findings_of_facts(self, facts: Facts) -> Sequence[Finding]:
        """What speaks against any call."""
        return findings_of_facts(self.policies, facts)
