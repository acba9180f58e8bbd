"""The fleet of a tenant at a glance."""

import asyncio
import time
from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query

from query_api.agent_summaries import known_statuses, newest_of_fleet
from query_api.dependencies import ConnectedServices, Reader
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.queries import costs, fleet
from query_api.resources.fleet import FleetDay, FleetOverview, Spent
from query_api.resources.status import StatusName
from query_api.resources.values import Parameters, from_milliseconds

router = APIRouter(tags=["fleet"])

_HOUR_MS = 60 * 60 * 1000
_DAY_MS = 24 * _HOUR_MS
_MOST_CURRENCIES = 100


@router.get("/api/v1/fleet", responses=problem_responses(*READ_ERRORS))
async def show_fleet(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> FleetOverview:
    """Show how the agents of a tenant are, and what their last day was like."""
    tenant_id = caller.tenant_for(parameters.tenant)
    now = time.time_ns() // 1_000_000
    yesterday, midnight = (now - _DAY_MS) // _HOUR_MS * _HOUR_MS, now // _DAY_MS * _DAY_MS
    today = costs.CostSearch(start=midnight, end=now)
    database = services.database
    known = services.control.directory.agent_ids(tenant_id)
    (published, scores), alerts, violations, logs, calls, spent = await asyncio.gather(
        newest_of_fleet(database, tenant_id, known, now),
        database.rows(fleet.open_alerts(tenant_id)),
        database.rows(fleet.violations(tenant_id, now - _DAY_MS)),
        database.rows(fleet.logs(tenant_id, yesterday)),
        database.rows(fleet.calls(tenant_id, yesterday)),
        database.rows(costs.spent(tenant_id, today, [], _MOST_CURRENCIES)),
    )
    shown = known_statuses(published, services.control.directory.suspended(tenant_id))
    by_status = Counter(shown.get(agent_id, StatusName.UNKNOWN) for agent_id in known)
    return FleetOverview(
        tenant_id=tenant_id,
        as_of=from_milliseconds(now),
        agents=len(known),
        by_status={status: by_status[status] for status in StatusName},
        by_trust_level=Counter(scores[agent_id]["level"] for agent_id in known if agent_id in scores),
        open_alerts={row["severity"]: row["alerts"] for row in alerts},
        last_24_hours=FleetDay(
            log_entries={row["level"]: row["entries"] for row in logs},
            calls=sum(row["calls"] for row in calls),
            call_failures=sum(row["failures"] for row in calls),
            violations={row["severity"]: row["violations"] for row in violations},
        ),
        spent_today=[Spent(currency=row["currency"], spent=f"{row['spent']:f}") for row in spent],
    )
