"""How budgets stand beside what was spent; pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from query_api.spend_periods import first_day
from schemas.budgets import Budget, BudgetPeriod, BudgetScope


class SpendPlace(NamedTuple):
    """Whose spending a sum is, in which period, in which currency; a tenant's has no name."""

    scope: BudgetScope
    name: str
    period: BudgetPeriod
    currency: str

    @property
    def kind(self) -> tuple[BudgetScope, BudgetPeriod]:
        """What can be asked for in one query."""
        return self.scope, self.period


class Standing(NamedTuple):
    """A budget, the first day of a period, and what was spent in it."""

    budget: Budget
    starts: date
    spent: Decimal

    @property
    def share(self) -> Decimal:
        """What part of the amount is spent, to four places; above 1 it is overspent."""
        return (self.spent / self.budget.terms.amount).quantize(Decimal("0.0001"))


def place_of(budget: Budget) -> SpendPlace:
    """What a budget is for."""
    terms = budget.terms
    return SpendPlace(terms.scope, terms.name, terms.period, terms.currency)


def standings(budgets: Iterable[Budget], place: SpendPlace, starts: date, spent: Decimal) -> list[Standing]:
    """The budgets that are for a sum, beside it."""
    return [Standing(budget, starts, spent) for budget in budgets if place_of(budget) == place]


def current_standings(
    budgets: Iterable[Budget], spent: Mapping[SpendPlace, Decimal], today: date
) -> list[Standing]:
    """Each budget beside what is spent in the period that today is in, nothing where nothing is known."""
    return [
        Standing(budget, first_day(today, budget.terms.period), spent.get(place_of(budget), Decimal(0)))
        for budget in budgets
    ]
