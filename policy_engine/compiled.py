"""A policy made ready to be asked often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from policy_engine.findings import DECISIONS, Finding
from policy_engine.names import Names
from schemas.messages.cost import cost_units
from schemas.messages.values import Severity
from schemas.policy import DEFAULT_SEVERITIES, TRUSTED_TIER, Policy, PolicyRule


class CallPattern(NamedTuple):
    """Tools, and actions of them."""

    tools: Names
    actions: Names


class CompiledCap(NamedTuple):
    """What an agent may spend on a day, in cost units of a currency; `text` is for people."""

    units: int
    currency: str
    text: str


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """What the rules read.

    `allowed_tools` None allows all; `constraints` allow only those actions of tools that they name;
    `approval_needed_for` is empty where the tier of autonomy needs no approval.
    """

    policy_id: str
    version: int
    agents: Names
    allowed_tools: Names | None
    constraints: Sequence[CallPattern]
    approval_needed_for: Sequence[CallPattern]
    autonomy_tier: int
    daily_cost_cap: CompiledCap | None
    severities: dict[PolicyRule, Severity]

    def finding(self, rule: PolicyRule, explanation: str) -> Finding:
        """A finding of this policy."""
        severity, decision = self.severities[rule], DECISIONS[rule]
        return Finding(self.policy_id, self.version, rule, severity, decision, explanation)


def compile_policy(policy: Policy) -> CompiledPolicy:
    """Make a policy ready."""
    terms = policy.terms
    allowed, cap = terms.allowed_tools, terms.daily_cost_cap
    risky = terms.high_risk_actions if terms.autonomy_tier < TRUSTED_TIER else ()
    return CompiledPolicy(
        policy_id=policy.policy_id,
        version=policy.version,
        agents=Names(terms.agents),
        allowed_tools=None if allowed is None else Names(allowed),
        constraints=[CallPattern(Names([tool]), Names(c.actions)) for tool, c in terms.constraints.items()],
        approval_needed_for=[CallPattern(Names([risk.tool]), Names([risk.action])) for risk in risky],
        autonomy_tier=terms.autonomy_tier,
        daily_cost_cap=None
        if cap is None
        else CompiledCap(cost_units(cap.amount), cap.currency, f"{cap.amount:f} {cap.currency}"),
        severities=DEFAULT_SEVERITIES | terms.severities,
    )
