"""Search in the log of an agent."""

from typing import Annotated

from fastapi import APIRouter, Query

from query_api import errors
from query_api.cursors import RowCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import AgentId, ConnectedServices, ContentReader, find_agent, ref_of
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import row_cursor, split_page
from query_api.queries import logs
from query_api.resources.logs import LogEntry, LogPage, LogParameters
from query_api.stored_json import read_stored_json
from schemas.stamps import event_id

router = APIRouter(tags=["agents"])


@router.get("/api/v1/agents/{agent_id}/logs", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND))
async def search_logs(
    agent_id: AgentId,
    parameters: Annotated[LogParameters, Query()],
    caller: ContentReader,
    services: ConnectedServices,
) -> LogPage:
    """Search an agent's log, newest first; entries that come in later do not move the pages."""
    agent = find_agent(services, caller.tenant_for(parameters.tenant), agent_id)
    wanted = logs.LogSearch(
        start=parameters.start_ms,
        end=parameters.end_ms,
        levels=parameters.level,
        text=parameters.text,
        governance_event=parameters.governance_event,
    )
    cursor = decode_cursor(parameters.cursor, RowCursor)
    rows = await services.database.rows(logs.search(ref_of(agent), wanted, cursor, parameters.limit + 1))
    page, next_cursor = split_page(rows, parameters.limit, row_cursor)
    return LogPage(logs=[_entry(row) for row in page], next_cursor=next_cursor)


def _entry(row: Row) -> LogEntry:
    return LogEntry(
        event_id=event_id(row["batch_id"].bytes, row["seq"]),
        timestamp=row["timestamp"],
        received_at=row["received_at"],
        level=row["level"],
        message=row["message"],
        context=read_stored_json(row["context"]),
        governance_event=row["governance_event"],
    )
