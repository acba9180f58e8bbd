"""Service levels of agents and of a tenant."""

import time
from typing import Annotated

from fastapi import APIRouter, Query

from query_api import resolution
from query_api.dependencies import ConnectedServices, Reader
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.queries import slo
from query_api.resolution import AskedResolution
from query_api.resources.slo import AgentServiceLevel, ServiceLevel, SloParameters, SloReport
from query_api.resources.values import from_milliseconds
from query_api.service_levels import level_of

router = APIRouter(tags=["fleet"])

_MONTH_MS = 30 * 24 * 60 * 60 * 1000
# Of a time without a call: the row of the whole is there all the same.
_NO_CALLS = {"calls": 0, "failures": 0, "timed_calls": 0, "percentiles": []}


@router.get("/api/v1/slo", responses=problem_responses(*READ_ERRORS))
async def show_slo(
    parameters: Annotated[SloParameters, Query()], caller: Reader, services: ConnectedServices
) -> SloReport:
    """Show how many calls succeeded, how long they took, and what is left of the error budget."""
    now = time.time_ns() // 1_000_000
    span = resolution.choose(
        parameters.start_ms, parameters.end_ms, AskedResolution.HOUR, now, default_ms=_MONTH_MS
    )
    query = slo.of_calls(caller.tenant_for(parameters.tenant), parameters.agent, span, parameters.limit + 2)
    total, *agents = [*await services.database.rows(query)] or [_NO_CALLS]
    return SloReport(
        start=from_milliseconds(span.start),
        end=from_milliseconds(span.end),
        objective=parameters.objective,
        total=ServiceLevel(**level_of(total, parameters.objective)),
        agents=[
            AgentServiceLevel(agent_id=row["agent_id"], **level_of(row, parameters.objective))
            for row in agents[: parameters.limit]
        ],
        truncated=len(agents) > parameters.limit,
    )
