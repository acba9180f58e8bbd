"""The access audit: who has read what."""

from typing import Annotated

from fastapi import APIRouter, Query

from query_api.cursors import EventCursor, decode_cursor
from query_api.dependencies import AccessReader, ConnectedServices
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import event_cursor, split_page
from query_api.queries import accesses
from query_api.resources.accesses import AccessDetails, AccessPage, AccessParameters

router = APIRouter(tags=["accesses"])


@router.get("/api/v1/accesses", responses=problem_responses(*READ_ERRORS))
async def list_accesses(
    parameters: Annotated[AccessParameters, Query()], caller: AccessReader, services: ConnectedServices
) -> AccessPage:
    """List who has read logs in a tenant, newest first; an access is listed some seconds after it."""
    wanted = accesses.AccessSearch(
        start=parameters.start_ms,
        end=parameters.end_ms,
        agent_id=parameters.agent,
        actor_id=parameters.actor,
        action=parameters.action,
    )
    cursor = decode_cursor(parameters.cursor, EventCursor)
    query = accesses.search(caller.tenant_for(parameters.tenant), wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, event_cursor)
    return AccessPage(accesses=[AccessDetails.of(row) for row in page], next_cursor=next_cursor)
