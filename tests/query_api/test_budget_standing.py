"""Budgets stand beside what was spent of them, and beside nothing else."""

from datetime import date
from decimal import Decimal

import pytest

from query_api.budget_standing import SpendPlace, Standing, current_standings, place_of, standings
from schemas.budgets import Budget, BudgetPeriod, BudgetScope, BudgetTerms

TODAY = date(2026, 3, 15)
LAB = BudgetTerms(Decimal(10), "USD", BudgetScope.COST_CENTER, "lab", BudgetPeriod.MONTH)


def budget(name: str, terms: BudgetTerms) -> Budget:
    return Budget("acme", name, 1, terms, 1, "ada", 1, "ada")


BUDGETS = [budget("lab", LAB), budget("all", BudgetTerms(Decimal(3), "USD", period=BudgetPeriod.DAY))]


def test_a_sum_has_the_budgets_that_are_for_it() -> None:
    place = place_of(BUDGETS[0])
    assert place == SpendPlace(BudgetScope.COST_CENTER, "lab", BudgetPeriod.MONTH, "USD")
    assert standings(BUDGETS, place, TODAY, Decimal(4)) == [Standing(BUDGETS[0], TODAY, Decimal(4))]
    for other in (
        place._replace(name="other"),
        place._replace(currency="EUR"),
        place._replace(period=BudgetPeriod.DAY),
        place._replace(scope=BudgetScope.AGENT),
    ):
        assert standings(BUDGETS, other, TODAY, Decimal(4)) == []


@pytest.mark.parametrize(("spent", "share"), [("0", "0"), ("2.5", "0.25"), ("12", "1.2"), ("1e-9", "0")])
def test_the_share_is_what_is_spent_of_the_amount(spent: str, share: str) -> None:
    assert Standing(BUDGETS[0], TODAY, Decimal(spent)).share == Decimal(share)


def test_a_budget_of_which_nothing_is_spent_stands_at_nothing_in_its_present_period() -> None:
    found = current_standings(BUDGETS, {place_of(BUDGETS[0]): Decimal(4)}, TODAY)
    assert [(one.budget.budget_id, one.starts, one.spent) for one in found] == [
        ("lab", date(2026, 3, 1), Decimal(4)),
        ("all", TODAY, Decimal(0)),
    ]


def test_budgets_of_one_kind_can_be_asked_for_together() -> None:
    assert place_of(BUDGETS[0]).kind == (BudgetScope.COST_CENTER, BudgetPeriod.MONTH)
