"""What the work of agents cost."""

import time
from typing import Annotated

from fastapi import APIRouter, Query

from query_api import resolution
from query_api.database import Row
from query_api.dependencies import ConnectedServices, Reader
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.queries import costs
from query_api.resolution import AskedResolution
from query_api.resources.costs import CostParameters, CostReport, CostSum
from query_api.resources.values import from_milliseconds

router = APIRouter(tags=["costs"])

_MONTH_MS = 30 * 24 * 60 * 60 * 1000


@router.get("/api/v1/costs", responses=problem_responses(*READ_ERRORS))
async def show_costs(
    parameters: Annotated[CostParameters, Query()], caller: Reader, services: ConnectedServices
) -> CostReport:
    """Add up what agents spent, by day, agent, model, provider, project or cost centre."""
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
    query = costs.spent(
        caller.tenant_for(parameters.tenant), wanted, parameters.group_by, parameters.limit + 1
    )
    rows = await services.database.rows(query)
    return CostReport(
        start=from_milliseconds(span.start),
        end=from_milliseconds(span.end),
        sums=[_sum(row) for row in rows[: parameters.limit]],
        truncated=len(rows) > parameters.limit,
    )


def _sum(row: Row) -> CostSum:
    return CostSum.model_validate({**row, "spent": f"{row['spent']:f}"})
