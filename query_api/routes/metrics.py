"""The reports of an agent about itself."""

import time
from typing import Annotated

from fastapi import APIRouter, Query

from query_api import errors, resolution
from query_api.cursors import RowCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import AgentId, ConnectedServices, Reader, find_agent, ref_of
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import row_cursor, split_page
from query_api.queries import metrics
from query_api.resources.metrics import (
    MetricsEntry,
    MetricsPage,
    MetricsPoint,
    MetricsSeries,
    SeriesParameters,
)
from query_api.resources.values import RangeParameters, from_milliseconds
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


@router.get(
    "/api/v1/agents/{agent_id}/metrics/series", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND)
)
async def show_metrics_series(
    agent_id: AgentId,
    parameters: Annotated[SeriesParameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> MetricsSeries:
    """Show what an agent counted of itself as a time series, as fine as its length allows."""
    agent = find_agent(services, caller.tenant_for(parameters.tenant), agent_id)
    now = time.time_ns() // 1_000_000
    span = resolution.choose(parameters.start_ms, parameters.end_ms, parameters.resolution, now)
    rows = await services.database.rows(metrics.series_of_buckets(ref_of(agent), span))
    return MetricsSeries(
        agent_id=agent.agent_id,
        resolution=span.resolution,
        start=from_milliseconds(span.start),
        end=from_milliseconds(span.end),
        points=[_point(row) for row in rows],
    )


def _point(row: Row) -> MetricsPoint:
    p50, p95, p99 = row["percentiles"] or (None, None, None)
    return MetricsPoint.model_validate(
        {
            **row,
            "response_time_p50_ms": p50,
            "response_time_p95_ms": p95,
            "response_time_p99_ms": p99,
        }
    )


def _entry(row: Row) -> MetricsEntry:
    return MetricsEntry.model_validate({**row, "event_id": event_id(row["batch_id"].bytes, row["seq"])})
