"""A tool that is not among the allowed ones."""

from policy_engine.compiled import CompiledPolicy
from policy_engine.facts import Call
from policy_engine.findings import Finding
from schemas.policy import PolicyRule


def tool_not_allowed(policy: CompiledPolicy, call: Call) -> Finding | None:
    """Deny a call of a tool that the policy does not allow."""
    if policy.allowed_tools is None or call.tool in policy.allowed_tools:
        return None
    return policy.finding(
        PolicyRule.TOOL_NOT_ALLOWED, f"the tool {call.tool!r} is not among the allowed tools"
    )
