"""Everything that is stored of an agent, as one file."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from query_api import errors
from query_api.dependencies import AgentId, ConnectedServices, PrivacyOfficer, find_agent, ref_of
from query_api.erasing.columns import COLUMNS, by_table
from query_api.exporting import Document, archive, tables_of_agents
from query_api.log_readers import OperatorLogReader
from query_api.openapi import LOG_READ_ERRORS, problem_responses
from query_api.private_answers import CACHE_CONTROL
from query_api.resources.exports import ExportedAgent
from query_api.resources.values import Parameters
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.accesses import AccessAction
from schemas.control import Agent

router = APIRouter(tags=["privacy"])

_MEDIA_TYPE = "application/zip"
_RESPONSES = {
    200: {
        "description": "A ZIP file: agent.json, and for each table its rows as NDJSON",
        "content": {_MEDIA_TYPE: {}},
    },
    **problem_responses(*LOG_READ_ERRORS, errors.NOT_FOUND, errors.EXPORT_BUSY),
}


def _reader(caller: PrivacyOfficer, services: ConnectedServices, request: Request) -> OperatorLogReader:
    return OperatorLogReader(services.addresses.of(request.scope), caller)


@router.get("/api/v1/agents/{agent_id}/export", response_class=StreamingResponse, responses=_RESPONSES)
async def export_agent(
    agent_id: AgentId,
    parameters: Annotated[Parameters, Query()],
    reader: Annotated[OperatorLogReader, Depends(_reader)],
    services: ConnectedServices,
) -> StreamingResponse:
    """Send all that is stored of an agent; it is made while it is sent, and written to the access audit.

    A file that breaks off is no ZIP file. Rows that come in meanwhile may be in it or not.
    """
    agent = find_agent(services, reader.tenant_for(parameters.tenant), agent_id)
    if services.exports.locked():
        raise ProblemError(errors.EXPORT_BUSY, "Please ask again in half a minute.")
    rows = await services.database.rows(COLUMNS)
    tables = tables_of_agents(dict(by_table(dict(row) for row in rows)))
    access = reader.access(AccessAction.EXPORT, ref_of(agent), query=",".join(tables), rows=0)
    await services.accesses.record(access)
    return StreamingResponse(
        _sent(services, agent, tables),
        media_type=_MEDIA_TYPE,
        headers={
            "content-disposition": f'attachment; filename="{agent.agent_id}.zip"',
            "cache-control": CACHE_CONTROL,
        },
    )


async def _sent(services: Services, agent: Agent, tables: list[str]) -> AsyncIterator[bytes]:
    now = time.time_ns() // 1_000_000
    known = ExportedAgent.of(agent, services.control.directory, now).model_dump(mode="json")
    async with services.exports:
        async for part in archive(services.database, ref_of(agent), tables, [Document("agent.json", known)]):
            yield part
