"""What the work of agents cost."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from query_api import resolution
from query_api.budget_standing import SpendPlace, Standing, current_standings, place_of
from query_api.database import Database, Row
from query_api.dependencies import ConnectedServices, Reader
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.queries import costs, spend
from query_api.resolution import AskedResolution
from query_api.resources.costs import CostParameters, CostReport, CostSum
from query_api.resources.spend import BudgetStanding
from query_api.resources.values import from_milliseconds
from query_api.spend_periods import day_after, first_day
from schemas.budgets import Budget, BudgetPeriod, BudgetScope

router = APIRouter(tags=["costs"])

_MONTH_MS = 30 * 24 * 60 * 60 * 1000

# Of all budgets of one kind: a hundred names at most, each with as many currencies as there are.
_MOST_SUMS = 20_000


@router.get("/api/v1/costs", responses=problem_responses(*READ_ERRORS))
async def show_costs(
    parameters: Annotated[CostParameters, Query()], caller: Reader, services: ConnectedServices
) -> CostReport:
    """Add up what agents spent, by whatever is asked for, and set budgets against what is spent of them."""
    now = time.time_ns() // 1_000_000
    span = resolution.choose(
        parameters.start_ms, parameters.end_ms, AskedResolution.DAY, now, default_ms=_MONTH_MS
    )
    wanted = costs.CostSearch(
        start=span.start,
        end=span.end,
        agent_id=parameters.agent,
        model=parameters.model,
        project_id=parameters.project,
        cost_center=parameters.cost_center,
        currency=parameters.currency,
    )
    tenant_id = caller.tenant_for(parameters.tenant)
    budgets = [
        budget for budget in services.control.directory.budgets(tenant_id) if parameters.concerns(budget)
    ]
    query = costs.spent(tenant_id, wanted, parameters.group_by, parameters.limit + 1)
    database = services.database
    rows, standing = await asyncio.gather(database.rows(query), _against_actual(database, tenant_id, budgets))
    return CostReport(
        start=from_milliseconds(span.start),
        end=from_milliseconds(span.end),
        sums=[_sum(row) for row in rows[: parameters.limit]],
        truncated=len(rows) > parameters.limit,
        budgets=[BudgetStanding.of(one) for one in standing],
    )


async def _against_actual(database: Database, tenant_id: str, budgets: Sequence[Budget]) -> list[Standing]:
    """What is spent of each budget in its present period; one question for each kind of budget."""
    today = datetime.now(UTC).date()
    kinds = sorted({place_of(budget).kind for budget in budgets})
    asked = [_of_kind(kind, budgets, today) for kind in kinds]
    answers = await asyncio.gather(
        *(database.rows(spend.spent(tenant_id, wanted, None, _MOST_SUMS)) for wanted in asked)
    )
    spent = {
        SpendPlace(scope, row["name"], period, row["currency"]): row["spent"]
        for (scope, period), rows in zip(kinds, answers, strict=True)
        for row in rows
    }
    return current_standings(budgets, spent, today)


def _of_kind(
    kind: tuple[BudgetScope, BudgetPeriod], budgets: Sequence[Budget], today: date
) -> spend.SpendSearch:
    scope, period = kind
    names = {budget.terms.name for budget in budgets if place_of(budget).kind == kind}
    return spend.SpendSearch(
        scope=scope,
        period=period,
        start=first_day(today, period),
        end=day_after(today, period),
        names=() if scope is BudgetScope.TENANT else sorted(names),
    )


def _sum(row: Row) -> CostSum:
    return CostSum.model_validate({**row, "spent": f"{row['spent']:f}"})
