"""The trust of an agent."""

import asyncio
from typing import Annotated

import orjson
from fastapi import APIRouter, Query

from query_api import errors
from query_api.cursors import EventCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import AgentId, ConnectedServices, Reader, find_agent, ref_of
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import event_cursor, split_page
from query_api.queries import trust
from query_api.resources.trust import CurrentTrust, TrustPoint, TrustReport
from query_api.resources.values import RangeParameters

router = APIRouter(tags=["agents"])


@router.get("/api/v1/agents/{agent_id}/trust", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND))
async def show_trust(
    agent_id: AgentId,
    parameters: Annotated[RangeParameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> TrustReport:
    """Show an agent's score with its reasons, and the scores before it, newest first."""
    agent = find_agent(services, caller.tenant_for(parameters.tenant), agent_id)
    cursor = decode_cursor(parameters.cursor, EventCursor)
    history = trust.history(
        ref_of(agent), parameters.start_ms, parameters.end_ms, cursor, parameters.limit + 1
    )
    current, rows = await asyncio.gather(
        services.database.rows(trust.current(ref_of(agent))), services.database.rows(history)
    )
    page, next_cursor = split_page(rows, parameters.limit, event_cursor)
    return TrustReport(
        agent_id=agent.agent_id,
        tenant_id=agent.tenant_id,
        current=_current(current[0]) if current else None,
        history=[_point(row) for row in page],
        next_cursor=next_cursor,
    )


def _point(row: Row) -> TrustPoint:
    return TrustPoint.model_validate({**row, "time": row["event_time"]})


def _current(row: Row) -> CurrentTrust:
    reasons = orjson.loads(row["reasons"]) if row["reasons"] else []
    return CurrentTrust.model_validate({**row, "time": row["event_time"], "reasons": reasons})
