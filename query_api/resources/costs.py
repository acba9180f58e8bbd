"""What work cost."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from query_api.queries.costs import CostDimension
from query_api.resources.spend import BudgetStanding
from query_api.resources.values import Id, Moment, Parameters, TimeRange
from schemas.budgets import Budget, BudgetScope

_NAME = Field(default=None, max_length=256)
Dimensions = Annotated[
    list[CostDimension],
    AfterValidator(lambda found: list(dict.fromkeys(found))),
    Field(description="what sums are by, beside the currency; may be given several times"),
]


class CostParameters(TimeRange, Parameters):
    """Which costs: whole days in UTC, the last 30 if nothing is said."""

    group_by: Dimensions = Field(default=[CostDimension.DAY])
    agent: Id | None = None
    model: str | None = _NAME
    project: str | None = _NAME
    cost_center: str | None = _NAME
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", examples=["USD"])
    limit: int = Field(default=1000, ge=1, le=10_000, description="sums at most")

    def concerns(self, budget: Budget) -> bool:
        """Whether a budget is for what is asked for; none is for a model or a project."""
        terms = budget.terms
        if self.model is not None or self.project is not None or self.currency not in {None, terms.currency}:
            return False
        names = {BudgetScope.AGENT: self.agent, BudgetScope.COST_CENTER: self.cost_center}
        asked = {scope: name for scope, name in names.items() if name is not None}
        return not asked or asked == {terms.scope: terms.name}


class CostSum(BaseModel):
    """One sum; what it is not by is null. `spent` is exact, and so a text."""

    day: date | None = None
    agent_id: str | None = None
    model: str | None = None
    provider: str | None = None
    project_id: str | None = None
    cost_center: str | None = None
    currency: str
    spent: str = Field(examples=["12.340000000000"])
    entries: int


class CostReport(BaseModel):
    """Sums: by day the newest first, else the largest; `truncated` where there are more than the limit.

    `budgets` are those for what is asked for, each against what is spent in its own present period, whatever
    the time range.
    """

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    sums: list[CostSum]
    truncated: bool
    budgets: list[BudgetStanding]
