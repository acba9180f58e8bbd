"""What was spent in days and months, and how budgets stand."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from query_api.budget_standing import Standing
from query_api.resources.values import PageParameters
from schemas.budgets import BudgetPeriod, BudgetScope


def _check_day(day: date) -> date:
    if not 1970 <= day.year <= 2148:
        raise ValueError("the year must be 1970 to 2148")
    return day


Day = Annotated[date, AfterValidator(_check_day), Field(examples=["2026-01-31"])]
Money = Annotated[
    Decimal,
    PlainSerializer(lambda amount: f"{amount:f}", return_type=str, when_used="json"),
    Field(examples=["12.340000000000"]),
]


class SpendParameters(PageParameters):
    """Whose spending, by which periods of the calendar (UTC): whole ones, also where the range cuts one."""

    scope: BudgetScope = Field(default=BudgetScope.TENANT, description="whose spending")
    period: BudgetPeriod = Field(default=BudgetPeriod.DAY)
    start: Day | None = Field(
        default=None,
        alias="from",
        description="first day; the last 30 days, or a year of months, if left out",
    )
    end: Day | None = Field(default=None, alias="to", description="day after the last; tomorrow if left out")
    name: str | None = Field(default=None, max_length=256, description="of one cost centre or agent only")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", examples=["USD"])

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.name is not None and self.scope is BudgetScope.TENANT:
            raise ValueError("name: of `scope=cost_center` or `scope=agent` only, a tenant has none")
        return self


class BudgetShare(BaseModel):
    """A budget beside what was spent of it; it is the budget as it stands now, whenever that was."""

    budget_id: str
    amount: Money
    share: float = Field(ge=0, description="above 1 it is overspent", examples=[0.8125])

    @staticmethod
    def of(standing: Standing) -> "BudgetShare":
        """What is shown of a standing."""
        budget = standing.budget
        return BudgetShare(
            budget_id=budget.budget_id, amount=budget.terms.amount, share=float(standing.share)
        )


class SpendSum(BaseModel):
    """What was spent in the period that begins on `starts`, and the budgets that are for it.

    `name` is the cost centre's or agent's, null for the tenant, and empty for what names no cost centre.
    Without a currency it is what has no price: nothing is spent then, and `unpriced_tokens` says how much
    that is.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"unpriced_tokens": None}]})

    starts: date
    name: str | None
    currency: str | None
    spent: Money | None
    entries: int
    unpriced_tokens: Money | None
    budgets: list[BudgetShare]


class SpendPage(BaseModel):
    """A page of sums, the newest period first."""

    scope: BudgetScope
    period: BudgetPeriod
    spend: list[SpendSum]
    next_cursor: str | None


class BudgetStanding(BaseModel):
    """A budget against what was spent in its present period, which begins on `starts`."""

    budget_id: str
    scope: BudgetScope
    name: str
    period: BudgetPeriod
    starts: date
    currency: str
    amount: Money
    spent: Money
    remaining: Money = Field(description="below 0 it is overspent", examples=["187.660000000000"])
    share: float = Field(ge=0, description="above 1 it is overspent", examples=[0.8125])

    @staticmethod
    def of(standing: Standing) -> "BudgetStanding":
        """What is shown of a standing."""
        budget, terms = standing.budget, standing.budget.terms
        return BudgetStanding(
            budget_id=budget.budget_id,
            scope=terms.scope,
            name=terms.name,
            period=terms.period,
            starts=standing.starts,
            currency=terms.currency,
            amount=terms.amount,
            spent=standing.spent,
            remaining=terms.amount - standing.spent,
            share=float(standing.share),
        )
