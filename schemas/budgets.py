"""Budgets: what a tenant means to spend, as operators write them and as they stand on their topic."""

from decimal import Decimal
from enum import StrEnum

import msgspec


class BudgetScope(StrEnum):
    """Whose spending is counted: all of the tenant's, or that of one cost centre or agent."""

    TENANT = "tenant"
    COST_CENTER = "cost_center"
    AGENT = "agent"


class BudgetPeriod(StrEnum):
    """For how long an amount is meant: a day or a month of the calendar, UTC."""

    DAY = "day"
    MONTH = "month"


class BudgetTerms(msgspec.Struct, frozen=True):
    """What a budget says; `name` is the cost centre's or agent's, `thresholds` are shares, rising."""

    amount: Decimal
    currency: str
    scope: BudgetScope = BudgetScope.TENANT
    name: str = ""
    period: BudgetPeriod = BudgetPeriod.MONTH
    thresholds: tuple[float, ...] = (0.8, 1.0)
    description: str = ""


class Budget(msgspec.Struct, frozen=True):
    """A tenant's budget; `version` counts its changes from 1, also beyond a deletion.

    Times in milliseconds; `created_by` and `changed_by` are operators' ids.
    """

    tenant_id: str
    budget_id: str
    version: int
    terms: BudgetTerms
    created_at: int
    created_by: str
    changed_at: int
    changed_by: str
    deleted: bool = False
