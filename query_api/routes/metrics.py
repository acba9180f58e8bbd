"""The reports of an agent about itself."""

from typing import Annotated

from fastapi import APIRouter, Query

from query_api import errors
from query_api.cursors import RowCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import AgentId, ConnectedServices, Reader, find_agent, ref_of
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import row_cursor, split_page
from query_api.queries import metrics
from query_api.resources.metrics import MetricsEntry, MetricsPage
from query_api.resources.values import RangeParameters
from schemas.stamps import event_id

router = APIRouter(tags=["agents"])


@router.get("/api/v1/agents/{agent_id}/metrics", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND))
async def list_metrics(
    agent_id: AgentId,
    parameters: Annotated[RangeParameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> MetricsPage:
    """List what an agent counted of itself, newest first."""
    agent = find_agent(services, caller.tenant_for(parameters.tenant), agent_id)
    cursor = decode_cursor(parameters.cursor, RowCursor)
    query = metrics.series(
        ref_of(agent), parameters.start_ms, parameters.end_ms, cursor, parameters.limit + 1
    )
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, row_cursor)
    return MetricsPage(metrics=[_entry(row) for row in page], next_cursor=next_cursor)


def _entry(row: Row) -> MetricsEntry:
    return MetricsEntry.model_validate({**row, "event_id": event_id(row["batch_id"].bytes, row["seq"])})
