"""The trust of an agent."""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Query

from query_api import errors
from query_api.cursors import EventCursor, decode_cursor
from query_api.database import Database, Row
from query_api.dependencies import AgentId, ConnectedServices, Reader, find_agent, ref_of
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import event_cursor, split_page
from query_api.queries import trust
from query_api.resources.trust import CurrentTrust, TrustPoint, TrustReport
from query_api.resources.values import RangeParameters
from query_api.time_parts import DAY_MS, WEEK_MS, newest_parts
from schemas.identity import AgentRef

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
    current, rows = await asyncio.gather(
        _newest_score(services.database, ref_of(agent)),
        _scores(services.database, ref_of(agent), parameters, cursor, parameters.limit + 1),
    )
    page, next_cursor = split_page(rows, parameters.limit, event_cursor)
    return TrustReport(
        agent_id=agent.agent_id,
        tenant_id=agent.tenant_id,
        current=_current(current[0]) if current else None,
        history=[_point(row) for row in page],
        next_cursor=next_cursor,
    )


async def _newest_score(database: Database, ref: AgentRef) -> Sequence[Row]:
    now = time.time_ns() // 1_000_000
    for start, end in newest_parts(None, None, now, [DAY_MS]):
        rows = await database.rows(trust.current(ref, start, end))
        if rows:
            return rows
    return []


async def _scores(
    database: Database, ref: AgentRef, wanted: RangeParameters, cursor: EventCursor | None, limit: int
) -> list[Row]:
    """The last week of what is wanted first: most agents have had so many scores in it."""
    ends = [time.time_ns() // 1_000_000, wanted.end_ms, None if cursor is None else cursor.time + 1]
    newest = min(end for end in ends if end is not None)
    rows: list[Row] = []
    for start, end in newest_parts(wanted.start_ms, wanted.end_ms, newest, [WEEK_MS]):
        rows += await database.rows(trust.history(ref, start, end, cursor, limit - len(rows)))
        if len(rows) == limit:
            break
    return rows


def _point(row: Row) -> TrustPoint:
    return TrustPoint.model_validate({**row, "time": row["event_time"]})


def _current(row: Row) -> CurrentTrust:
    reasons = orjson.loads(row["reasons"]) if row["reasons"] else []
    return CurrentTrust.model_validate({**row, "time": row["event_time"], "reasons": reasons})
