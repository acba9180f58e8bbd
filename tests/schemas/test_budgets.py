"""Budgets as records."""

from decimal import Decimal

import msgspec

from schemas.budgets import Budget, BudgetPeriod, BudgetScope, BudgetTerms


def test_a_budget_comes_back_with_its_digits_and_by_default_is_the_tenants_of_a_month() -> None:
    terms = BudgetTerms(Decimal("1000.10"), "USD")
    budget = Budget("acme", "all", 2, terms, 1, "ada", 2, "bob")
    assert (terms.scope, terms.period, terms.thresholds) == (
        BudgetScope.TENANT,
        BudgetPeriod.MONTH,
        (0.8, 1.0),
    )
    assert msgspec.json.decode(msgspec.json.encode(budget), type=Budget) == budget
