"""Search in logs; every page is in the access audit before it is handed over."""

from typing import Annotated

from fastapi import APIRouter, Query

from query_api import errors
from query_api.cursors import RowCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import AgentId, ConnectedServices, ReaderOfLogs, find_agent, ref_of
from query_api.log_readers import LogReader
from query_api.newest_entries import newest_entries
from query_api.openapi import LOG_READ_ERRORS, problem_responses
from query_api.paging import row_cursor, split_page
from query_api.resources.logs import LogEntry, LogPage, LogParameters, TenantLogParameters
from query_api.services import Services
from query_api.stored_json import read_stored_json
from schemas.accesses import AccessAction
from schemas.identity import AgentRef
from schemas.stamps import event_id

router = APIRouter(tags=["logs"])


@router.get("/api/v1/agents/{agent_id}/logs", responses=problem_responses(*LOG_READ_ERRORS, errors.NOT_FOUND))
async def search_logs(
    agent_id: AgentId,
    parameters: Annotated[LogParameters, Query()],
    reader: ReaderOfLogs,
    services: ConnectedServices,
) -> LogPage:
    """Search an agent's log, newest first; entries that come in later do not move the pages.

    Also with a key of the agent itself that has the permission `logs.read`.
    """
    reader.check_agent(agent_id)
    agent = find_agent(services, reader.tenant_for(parameters.tenant), agent_id)
    return await _search(services, reader, ref_of(agent), parameters)


@router.get("/api/v1/logs", responses=problem_responses(*LOG_READ_ERRORS, errors.NOT_FOUND))
async def search_logs_of_tenant(
    parameters: Annotated[TenantLogParameters, Query()],
    reader: ReaderOfLogs,
    services: ConnectedServices,
) -> LogPage:
    """Search the logs of all agents of a tenant, newest first."""
    reader.check_agent(parameters.agent)
    ref = AgentRef(reader.tenant_for(parameters.tenant), parameters.agent or "")
    if parameters.agent is not None:
        find_agent(services, ref.tenant_id, parameters.agent)
    return await _search(services, reader, ref, parameters)


async def _search(services: Services, reader: LogReader, ref: AgentRef, parameters: LogParameters) -> LogPage:
    wanted = parameters.search(parameters.start_ms, parameters.end_ms)
    cursor = decode_cursor(parameters.cursor, RowCursor)
    rows = await newest_entries(services.database, ref, wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(rows, parameters.limit, row_cursor)
    access = reader.access(AccessAction.LOG_SEARCH, ref, query=parameters, rows=len(page))
    await services.accesses.record(access)
    return LogPage(logs=[_entry(row) for row in page], next_cursor=next_cursor)


def _entry(row: Row) -> LogEntry:
    return LogEntry(
        event_id=event_id(row["batch_id"].bytes, row["seq"]),
        agent_id=row["agent_id"],
        timestamp=row["timestamp"],
        received_at=row["received_at"],
        level=row["level"],
        message=row["message"],
        context=read_stored_json(row["context"]),
        governance_event=row["governance_event"],
        trace_id=row["trace_id"] or None,
        span_id=row["span_id"] or None,
    )
