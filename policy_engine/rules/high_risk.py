"""A high-risk action of an agent that may not take it by itself."""

from policy_engine.compiled import CompiledPolicy
from policy_engine.facts import Call
from policy_engine.findings import Finding
from schemas.policy import TRUSTED_TIER, PolicyRule


def high_risk_action(policy: CompiledPolicy, call: Call) -> Finding | None:
    """Ask for approval of a high-risk action below the tier of autonomy that needs none."""
    for risk in policy.approval_needed_for:
        if call.tool in risk.tools and call.action in risk.actions:
            return policy.finding(
                PolicyRule.HIGH_RISK_ACTION,
                f"{_name(call)} is a high-risk action, and the autonomy tier is {policy.autonomy_tier}, "
                f"not {TRUSTED_TIER} or more",
            )
    return None


def _name(call: Call) -> str:
    return f"{call.action!r} of the tool {call.tool!r}" if call.action else f"the tool {call.tool!r}"
