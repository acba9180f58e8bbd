"""Budgets are checked when they are written, and shown as they are."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from query_api.resources.budgets import BudgetBody, BudgetDetails
from schemas.budgets import Budget, BudgetPeriod, BudgetScope, BudgetTerms

BODY = {"amount": "10", "currency": "USD", "scope": "cost_center", "name": "lab", "period": "day"}


def test_what_is_sent_is_what_is_kept_and_shown() -> None:
    terms = BudgetBody.model_validate(BODY).terms()
    assert terms == BudgetTerms(Decimal(10), "USD", BudgetScope.COST_CENTER, "lab", BudgetPeriod.DAY)
    shown = BudgetDetails.of(Budget("acme", "b", 3, terms, 1, "ada", 2, "bob"))
    assert (shown.budget_id, shown.version, shown.thresholds) == ("b", 3, [0.8, 1.0])
    assert BudgetBody.model_validate(shown.model_dump(include=set(BudgetBody.model_fields))).terms() == terms


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"currency": ""},
        {"name": ""},
        {"scope": "tenant"},
        {"scope": "team"},
        {"thresholds": []},
        {"thresholds": [1.0, 0.5]},
        {"thresholds": [0]},
        {"limit": 5},
    ],
    ids=str,
)
def test_what_cannot_be_a_budget_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BudgetBody.model_validate(BODY | change)
