"""Which budgets are for what is asked for."""

from decimal import Decimal

import pytest

from query_api.resources.costs import CostParameters
from schemas.budgets import Budget, BudgetScope, BudgetTerms


def budget(scope: BudgetScope, name: str = "") -> Budget:
    terms = BudgetTerms(Decimal(1), "USD", scope, name)
    return Budget("acme", "b", 1, terms, 1, "ada", 1, "ada")


TENANT, LAB, SCOUT = (
    budget(BudgetScope.TENANT),
    budget(BudgetScope.COST_CENTER, "lab"),
    budget(BudgetScope.AGENT, "scout"),
)


@pytest.mark.parametrize(
    ("asked", "concerned"),
    [
        ({}, [TENANT, LAB, SCOUT]),
        ({"currency": "USD"}, [TENANT, LAB, SCOUT]),
        ({"currency": "EUR"}, []),
        ({"agent": "scout"}, [SCOUT]),
        ({"agent": "other"}, []),
        ({"cost_center": "lab"}, [LAB]),
        ({"cost_center": "lab", "agent": "scout"}, []),
        ({"model": "m"}, []),
        ({"project": "p", "agent": "scout"}, []),
    ],
)
def test_a_budget_is_for_what_is_asked_for(asked: dict[str, str], concerned: list[Budget]) -> None:
    parameters = CostParameters(**asked)
    assert [one for one in (TENANT, LAB, SCOUT) if parameters.concerns(one)] == concerned
