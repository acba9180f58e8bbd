"""Where spending stands against a budget."""

from decimal import Decimal

from schemas.budgets import Budget, BudgetPeriod, BudgetTerms
from schemas.messages.values import Severity
from stream_processors.rules.budgets import Budgets, CompiledBudget, crossing_of

UNIT = 10**12


def compiled(amount: str, *thresholds: float) -> CompiledBudget:
    terms = BudgetTerms(Decimal(amount), "USD", period=BudgetPeriod.DAY, thresholds=thresholds)
    found = Budgets().prepare(Budget("t", "lab", 1, terms, 1, "a", 1, "a"))
    assert found is not None
    return found


def test_each_threshold_is_crossed_where_it_is_reached() -> None:
    budget = compiled("10", 0.8, 1.0, 1.2)
    spent = [7 * UNIT, 8 * UNIT - 1, 8 * UNIT, 10 * UNIT - 1, 10 * UNIT, 12 * UNIT]
    found = [crossing_of(budget, units) for units in spent]
    assert [one.crossed for one in found] == [0, 0, 1, 1, 2, 3]
    assert [one.severity for one in found][2:] == [
        Severity.MEDIUM,
        Severity.MEDIUM,
        Severity.HIGH,
        Severity.HIGH,
    ]
    assert found[2].summary == "80 % of the budget lab is spent today: 8 of 10 USD"


def test_a_deleted_budget_is_none() -> None:
    terms = BudgetTerms(Decimal(1), "USD")
    assert Budgets().prepare(Budget("t", "lab", 1, terms, 1, "a", 1, "a", deleted=True)) is None
