"""What was spent by day and month: of the tenant, its cost centres and its agents, beside their budgets."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from query_api.budget_standing import SpendPlace, standings
from query_api.cursors import SpendCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import ConnectedServices, Reader
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import split_page
from query_api.queries import spend
from query_api.resources.spend import BudgetShare, SpendPage, SpendParameters, SpendSum
from query_api.spend_periods import choose
from schemas.budgets import Budget, BudgetScope

router = APIRouter(tags=["costs"])

_FIRST_DAY = date(1970, 1, 1)


@router.get("/api/v1/spend", responses=problem_responses(*READ_ERRORS))
async def show_spend(
    parameters: Annotated[SpendParameters, Query()], caller: Reader, services: ConnectedServices
) -> SpendPage:
    """Say what was spent in each day or month, by when entries came, and what part of budgets that is."""
    tenant_id = caller.tenant_for(parameters.tenant)
    cursor = decode_cursor(parameters.cursor, SpendCursor)
    today = datetime.now(UTC).date()
    start, end = choose(parameters.start, parameters.end, parameters.period, today)
    wanted = spend.SpendSearch(
        scope=parameters.scope,
        period=parameters.period,
        start=start,
        end=end,
        names=() if parameters.name is None else (parameters.name,),
        currency=parameters.currency,
    )
    rows = await services.database.rows(spend.spent(tenant_id, wanted, cursor, parameters.limit + 1))
    page, next_cursor = split_page(rows, parameters.limit, _cursor_of)
    budgets = services.control.directory.budgets(tenant_id)
    return SpendPage(
        scope=parameters.scope,
        period=parameters.period,
        spend=[_sum(row, parameters, budgets) for row in page],
        next_cursor=next_cursor,
    )


def _cursor_of(row: Row) -> SpendCursor:
    return SpendCursor((row["starts"] - _FIRST_DAY).days, row["name"], row["currency"])


def _sum(row: Row, parameters: SpendParameters, budgets: list[Budget]) -> SpendSum:
    has_price = bool(row["currency"])
    place = SpendPlace(parameters.scope, row["name"], parameters.period, row["currency"])
    return SpendSum(
        starts=row["starts"],
        name=None if parameters.scope is BudgetScope.TENANT else row["name"],
        currency=row["currency"] or None,
        spent=row["spent"] if has_price else None,
        entries=row["entries"],
        unpriced_tokens=None if has_price else row["unpriced_tokens"],
        budgets=[BudgetShare.of(one) for one in standings(budgets, place, row["starts"], row["spent"])],
    )
