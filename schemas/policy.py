"""Policies: what a tenant allows its agents to do, as operators write it and as it stands on its topic."""

from decimal import Decimal
from enum import StrEnum

import msgspec

from schemas.messages.values import Severity


class PolicyRule(StrEnum):
    """The rules that a policy is made of; violations are named by them."""

    TOOL_NOT_ALLOWED = "tool_not_allowed"
    ACTION_NOT_ALLOWED = "action_not_allowed"
    DAILY_COST_CAP = "daily_cost_cap"
    HIGH_RISK_ACTION = "high_risk_action"


# A call that should not have been made is worse than one that cost too much: money is counted elsewhere too.
DEFAULT_SEVERITIES = {
    PolicyRule.TOOL_NOT_ALLOWED: Severity.HIGH,
    PolicyRule.ACTION_NOT_ALLOWED: Severity.HIGH,
    PolicyRule.DAILY_COST_CAP: Severity.MEDIUM,
    PolicyRule.HIGH_RISK_ACTION: Severity.HIGH,
}

# Below this tier of autonomy an agent may not take a high-risk action without somebody's approval.
TRUSTED_TIER = 3
HIGHEST_TIER = 5

ANYTHING = "*"


class ToolConstraint(msgspec.Struct, frozen=True):
    """What a tool may be used for: names of actions, in which `*` stands for any characters."""

    actions: tuple[str, ...]


class HighRiskAction(msgspec.Struct, frozen=True):
    """Actions that can do great harm, by the names of tool and action; `*` stands for any characters."""

    tool: str = ANYTHING
    action: str = ANYTHING


class CostCap(msgspec.Struct, frozen=True):
    """Money, not negative, in a currency of ISO 4217."""

    amount: Decimal
    currency: str


class PolicyTerms(msgspec.Struct, frozen=True):
    """What a policy says; in all names `*` stands for any characters.

    `agents` are the ids that it is for. `allowed_tools` None allows every tool, `constraints` bind those
    tools that they name, and `severities` are given where they are not the default.
    """

    description: str = ""
    agents: tuple[str, ...] = (ANYTHING,)
    allowed_tools: tuple[str, ...] | None = None
    constraints: dict[str, ToolConstraint] = {}
    daily_cost_cap: CostCap | None = None
    autonomy_tier: int = 0
    high_risk_actions: tuple[HighRiskAction, ...] = ()
    severities: dict[PolicyRule, Severity] = {}


class Policy(msgspec.Struct, frozen=True):
    """A tenant's policy; `version` counts its changes from 1, also beyond a deletion.

    Times in milliseconds; `created_by` and `changed_by` are operators' ids. One that is deleted binds nobody.
    """

    tenant_id: str
    policy_id: str
    version: int
    terms: PolicyTerms
    created_at: int
    created_by: str
    changed_at: int
    changed_by: str
    deleted: bool = False
