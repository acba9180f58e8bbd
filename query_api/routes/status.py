"""The status of an agent."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from fastapi import APIRouter

from query_api import errors
from query_api.agent_summaries import shown_status, suspension_of
from query_api.database import Row
from query_api.dependencies import AgentToRead, ConnectedServices, ref_of
from query_api.newest import newest_of_agents
from query_api.openapi import READ_ERRORS, problem_responses
from query_api.queries import status, trust
from query_api.resources.status import AgentStatusReport, Counts, StatusName, TrustSummary
from query_api.resources.values import from_milliseconds
from query_api.time_parts import DAY_MS
from schemas.block import Kind
from schemas.control import Agent

router = APIRouter(tags=["agents"])


@router.get("/api/v1/agents/{agent_id}/status", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND))
async def show_status(
    agent: AgentToRead,
    services: ConnectedServices,
) -> AgentStatusReport:
    """Say whether an agent is there, since when and why, and what came from it in the last 24 hours."""
    now = time.time_ns() // 1_000_000
    database, tenant_id, ids = services.database, agent.tenant_id, [agent.agent_id]
    statuses, scores, activity = await asyncio.gather(
        newest_of_agents(database, partial(status.current_of_agents, tenant_id), ids, now),
        newest_of_agents(database, partial(trust.current_of_agents, tenant_id), ids, now),
        database.rows(status.activity(ref_of(agent), now - DAY_MS)),
    )
    newest, score = statuses.get(agent.agent_id), scores.get(agent.agent_id)
    return _report(agent, newest, score, {row["kind"]: row for row in activity})


def _report(
    agent: Agent, newest: Row | None, score: Row | None, activity: Mapping[str, Row]
) -> AgentStatusReport:
    status, since, reason = _standing(agent, newest)
    return AgentStatusReport(
        agent_id=agent.agent_id,
        tenant_id=agent.tenant_id,
        status=status,
        since=since,
        reason=reason,
        last_seen_at=_last_seen(newest, activity),
        trust=TrustSummary(**{name: score[name] for name in TrustSummary.model_fields}) if score else None,
        suspension=suspension_of(agent),
        last_24_hours=Counts(
            heartbeats=activity[Kind.HEARTBEAT]["events"],
            metrics=activity[Kind.METRICS]["events"],
            violations=activity[Kind.VIOLATION]["events"],
            logs=activity[Kind.LOG]["events"],
            events=activity[Kind.EVENT]["events"],
            costs=activity[Kind.COST]["events"],
            otel_metrics=activity[Kind.OTEL_METRIC]["events"],
        ),
    )


def _standing(agent: Agent, newest: Row | None) -> tuple[StatusName, datetime | None, str | None]:
    """The status, since when, and why."""
    status = shown_status(newest, suspended=agent.is_suspended)
    if agent.suspension is not None and status is StatusName.SUSPENDED is not (newest and newest["status"]):
        return status, from_milliseconds(agent.suspension.suspended_at), status.value
    return status, newest["event_time"] if newest else None, newest["reason"] if newest else None


def _last_seen(newest: Row | None, activity: Mapping[str, Row]) -> datetime | None:
    # The status row is written when the status changes: what came since is in the tables.
    moments: list[datetime] = [row["newest"] for row in activity.values() if row["events"]]
    if newest is not None:
        moments.append(newest["last_seen_at"])
    return max(moments, default=None)
