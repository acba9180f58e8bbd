"""Violations of policy in a tenant."""

from typing import Annotated

from fastapi import APIRouter, Query

from query_api.cursors import EventCursor, decode_cursor
from query_api.dependencies import ConnectedServices, Reader
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import event_cursor, split_page
from query_api.queries import violations
from query_api.resources.violations import Violation, ViolationPage, ViolationParameters

router = APIRouter(tags=["violations"])


@router.get("/api/v1/violations", responses=problem_responses(*READ_ERRORS))
async def list_violations(
    parameters: Annotated[ViolationParameters, Query()], caller: Reader, services: ConnectedServices
) -> ViolationPage:
    """List violations, reported and detected, the one found last first."""
    wanted = violations.ViolationSearch(
        start=parameters.start_ms,
        end=parameters.end_ms,
        severities=parameters.severity,
        source=parameters.source,
        agent_id=parameters.agent,
        rule=parameters.rule,
        policy_id=parameters.policy,
    )
    cursor = decode_cursor(parameters.cursor, EventCursor)
    query = violations.search(caller.tenant_for(parameters.tenant), wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, event_cursor)
    found = [Violation.model_validate({**row, "found_at": row["event_time"]}) for row in page]
    return ViolationPage(violations=found, next_cursor=next_cursor)
