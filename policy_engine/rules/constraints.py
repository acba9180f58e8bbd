"""An action that a tool's constraints do not name."""

from policy_engine.compiled import CompiledPolicy
from policy_engine.facts import Call
from policy_engine.findings import Finding
from schemas.policy import PolicyRule


def action_not_allowed(policy: CompiledPolicy, call: Call) -> Finding | None:
    """Deny an action that some constraint of its tool does not name; what nobody names is none of them."""
    for constraint in policy.constraints:
        if call.tool in constraint.tools and call.action not in constraint.actions:
            action = f"the action {call.action!r}" if call.action else "a call without an action"
            return policy.finding(
                PolicyRule.ACTION_NOT_ALLOWED,
                f"{action} is not among those allowed of the tool {call.tool!r}",
            )
    return None
