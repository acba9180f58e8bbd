"""Decides what an agent may do, by all policies that are for it; pure, before a call and after it alike."""

from collections.abc import Iterable, Sequence

from policy_engine.compiled import CompiledPolicy
from policy_engine.facts import Call, Facts
from policy_engine.findings import Finding, Verdict, verdict_of
from policy_engine.rules.allowed_tools import tool_not_allowed
from policy_engine.rules.constraints import action_not_allowed
from policy_engine.rules.daily_cost import daily_cost_cap_exceeded
from policy_engine.rules.high_risk import high_risk_action

_CALL_RULES = (tool_not_allowed, action_not_allowed, high_risk_action)
_FACT_RULES = (daily_cost_cap_exceeded,)


def policies_for(agent_id: str, policies: Iterable[CompiledPolicy]) -> list[CompiledPolicy]:
    """Those of a tenant's policies that bind an agent, in the order of their ids; each of them counts."""
    bound = [policy for policy in policies if agent_id in policy.agents]
    return sorted(bound, key=lambda policy: policy.policy_id)


def findings_of_call(policies: Sequence[CompiledPolicy], call: Call) -> list[Finding]:
    """What speaks against a call whoever makes it; of each policy at most one finding a rule."""
    found = (rule(policy, call) for policy in policies for rule in _CALL_RULES)
    return [finding for finding in found if finding is not None]


def findings_of_facts(policies: Sequence[CompiledPolicy], facts: Facts) -> list[Finding]:
    """What speaks against any call of an agent; of each policy at most one finding a rule."""
    found = (rule(policy, facts) for policy in policies for rule in _FACT_RULES)
    return [finding for finding in found if finding is not None]


def decide(policies: Sequence[CompiledPolicy], call: Call, facts: Facts) -> Verdict:
    """Whether an agent may make a call; `policies` are those for it, and the strictest counts."""
    return verdict_of(findings_of_call(policies, call) + findings_of_facts(policies, facts))
