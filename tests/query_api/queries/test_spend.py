"""Spending is asked for by scope and period, and everything is bound."""

from datetime import date

import pytest

from query_api.cursors import SpendCursor
from query_api.queries.spend import SpendSearch, spent
from schemas.budgets import BudgetPeriod, BudgetScope
from schemas.tables import Resolution, Table, roll_up
from tests.query_api.queries.placeholders import placeholders


def search(scope: BudgetScope, period: BudgetPeriod, *names: str, currency: str | None = None) -> SpendSearch:
    return SpendSearch(
        scope=scope,
        period=period,
        start=date(2026, 1, 1),
        end=date(2026, 2, 1),
        names=names,
        currency=currency,
    )


@pytest.mark.parametrize("scope", BudgetScope)
@pytest.mark.parametrize("period", BudgetPeriod)
def test_any_scope_and_period_may_be_asked_for(scope: BudgetScope, period: BudgetPeriod) -> None:
    query = spent("acme", search(scope, period), None, 11)
    assert placeholders(query) == {"tenant_id", "start", "end", "limit"}
    assert ("toStartOfMonth" in query.sql) is (period is BudgetPeriod.MONTH)
    source = roll_up(Table.COST_LEDGER, Resolution.DAY) if scope is BudgetScope.AGENT else Table.SPEND
    assert f"FROM {source} " in query.sql


def test_filters_and_the_cursor_are_bound() -> None:
    after = SpendCursor(20_000, "' OR 1", "USD")
    wanted = search(BudgetScope.AGENT, BudgetPeriod.DAY, "' OR 1", currency="EUR")
    query = spent("acme", wanted, after, 11)
    assert placeholders(query) >= {"agent_id_values", "currency", "after_day", "after_name", "after_currency"}
    assert "OR 1" not in query.sql
