"""Alerts of a tenant, as they stand."""

from typing import Annotated

from fastapi import APIRouter, Query

from query_api.alert_evidence import evidence_path
from query_api.cursors import EventCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import ConnectedServices, Reader
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.paging import split_page
from query_api.queries import alerts
from query_api.resources.alerts import AlertDetails, AlertPage, AlertParameters
from schemas.timestamps import from_datetime

router = APIRouter(tags=["alerts"])


@router.get("/api/v1/alerts", responses=problem_responses(*READ_ERRORS))
async def list_alerts(
    parameters: Annotated[AlertParameters, Query()], caller: Reader, services: ConnectedServices
) -> AlertPage:
    """List alerts in their present state, the one that changed last first."""
    wanted = alerts.AlertSearch(
        state=parameters.state,
        severities=parameters.severity,
        rule=parameters.rule,
        agent_id=parameters.agent,
        silenced=parameters.silenced,
    )
    cursor = decode_cursor(parameters.cursor, EventCursor)
    query = alerts.current(caller.tenant_for(parameters.tenant), wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, _cursor)
    found = [_details(row) for row in page]
    return AlertPage(alerts=found, next_cursor=next_cursor)


def _details(row: Row) -> AlertDetails:
    seen = row["first_seen_at"] or row["started_at"]
    path = evidence_path(row["metric"], row["agent_id"], seen, row["ended_at"])
    # What is told without a change came before rules did.
    facts = {**row, "changed_at": row["event_time"], "evidence_path": path, "change": row["change"] or None}
    return AlertDetails.model_validate(facts)


def _cursor(row: Row) -> EventCursor:
    return EventCursor(from_datetime(row["event_time"]), row["fingerprint"])
