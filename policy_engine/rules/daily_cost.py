"""An agent that has spent more than it may on a day."""

from policy_engine.compiled import CompiledPolicy
from policy_engine.facts import Facts
from policy_engine.findings import Finding
from schemas.messages.cost import units_text
from schemas.policy import PolicyRule


def daily_cost_cap_exceeded(policy: CompiledPolicy, facts: Facts) -> Finding | None:
    """Deny everything once more than the cap is spent; money in other currencies does not count."""
    cap = policy.daily_cost_cap
    if cap is None:
        return None
    spent = facts.spent_today.get(cap.currency, 0)
    if spent <= cap.units:
        return None
    return policy.finding(
        PolicyRule.DAILY_COST_CAP,
        f"{units_text(spent)} {cap.currency} were spent today, and the daily cap is {cap.text}",
    )
