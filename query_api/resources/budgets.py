"""Budgets: what a tenant means to spend."""

from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from query_api.resources.policies import Amount, Currency
from query_api.resources.values import Id, Moment, from_milliseconds
from schemas.budgets import Budget, BudgetPeriod, BudgetScope, BudgetTerms

_MOST_THRESHOLDS = 10
_EXAMPLE: dict[str, Any] = {
    "amount": "1000",
    "currency": "USD",
    "scope": "cost_center",
    "name": "research",
    "period": "month",
    "thresholds": [0.5, 0.8, 1.0],
}

Share = Annotated[float, Field(gt=0, le=10)]


class BudgetBody(BaseModel):
    """What a budget says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    amount: Annotated[Amount, Field(gt=0)]
    currency: Currency
    scope: BudgetScope = BudgetScope.TENANT
    name: str = Field(default="", max_length=256, description="the cost centre's or agent's")
    period: BudgetPeriod = Field(default=BudgetPeriod.MONTH, description="of the calendar, UTC")
    thresholds: list[Share] = Field(
        default=[0.8, 1.0],
        min_length=1,
        max_length=_MOST_THRESHOLDS,
        description="shares of the amount, rising: an alert tells of each that is reached, once a period",
    )
    description: str = Field(default="", max_length=1000)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.scope is BudgetScope.TENANT) is bool(self.name):
            raise ValueError("name: a cost centre or an agent has one, the tenant has none")
        if any(later <= earlier for earlier, later in pairwise(self.thresholds)):
            raise ValueError("thresholds: each must be above the one before")
        return self

    def terms(self) -> BudgetTerms:
        """The same, for a control record."""
        return BudgetTerms(
            amount=self.amount,
            currency=self.currency,
            scope=self.scope,
            name=self.name,
            period=self.period,
            thresholds=tuple(self.thresholds),
            description=self.description,
        )


class NewBudget(BudgetBody):
    """A budget to be created, under an id of your choice."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"budget_id": "research-month", **_EXAMPLE}]}
    )

    budget_id: Id = Field(examples=["research-month"])


class BudgetDetails(BudgetBody):
    """A budget as it stands; operators are named by their ids."""

    budget_id: str
    tenant_id: str
    version: int = Field(description="counts its changes from 1")
    created_at: Moment
    created_by: str
    changed_at: Moment
    changed_by: str

    @staticmethod
    def of(budget: Budget) -> "BudgetDetails":
        """What is shown of a control record, which was checked when it was written."""
        terms = budget.terms
        return BudgetDetails.model_construct(
            amount=terms.amount,
            currency=terms.currency,
            scope=terms.scope,
            name=terms.name,
            period=terms.period,
            thresholds=list(terms.thresholds),
            description=terms.description,
            budget_id=budget.budget_id,
            tenant_id=budget.tenant_id,
            version=budget.version,
            created_at=from_milliseconds(budget.created_at),
            created_by=budget.created_by,
            changed_at=from_milliseconds(budget.changed_at),
            changed_by=budget.changed_by,
        )


class BudgetList(BaseModel):
    """All budgets of a tenant, by id."""

    budgets: list[BudgetDetails]
