"""Agents with their status and trust: what their records say, and what the processors published."""

import asyncio
from collections.abc import Mapping, Sequence

from query_api.database import Database, Row
from query_api.queries import status, trust
from query_api.resources.agents import AgentSummary
from query_api.resources.status import StatusName, SuspensionDetails
from query_api.resources.values import from_milliseconds
from schemas.control import Agent


async def summaries(database: Database, tenant_id: str, agents: Sequence[Agent]) -> list[AgentSummary]:
    """Agents of one tenant as they are shown, in the order in which they were given."""
    if not agents:
        return []
    ids = [agent.agent_id for agent in agents]
    status_rows, score_rows = await asyncio.gather(
        database.rows(status.current_of_agents(tenant_id, ids)),
        database.rows(trust.current_of_agents(tenant_id, ids)),
    )
    statuses = {row["agent_id"]: row for row in status_rows}
    scores = {row["agent_id"]: row for row in score_rows}
    return [_summary(agent, statuses.get(agent.agent_id), scores.get(agent.agent_id)) for agent in agents]


def _summary(agent: Agent, status_row: Row | None, trust_row: Row | None) -> AgentSummary:
    return AgentSummary(
        agent_id=agent.agent_id,
        tenant_id=agent.tenant_id,
        governance_id=agent.governance_id,
        created_at=from_milliseconds(agent.created_at),
        labels=agent.labels,
        status=shown_status(status_row, suspended=agent.is_suspended),
        trust_score=trust_row["score"] if trust_row else None,
        trust_level=trust_row["level"] if trust_row else None,
        suspension=suspension_of(agent),
    )


def shown_status(published: Row | None, *, suspended: bool) -> StatusName:
    """The status that was published last, but `suspended` as soon as the agent's record says so."""
    if suspended:
        return StatusName.SUSPENDED
    return StatusName(published["status"]) if published else StatusName.UNKNOWN


def known_statuses(published: Mapping[str, Row], suspended: frozenset[str]) -> dict[str, StatusName]:
    """The same for many agents by id; those of whom nothing is known are left out."""
    return {
        agent_id: shown_status(published.get(agent_id), suspended=agent_id in suspended)
        for agent_id in published.keys() | suspended
    }


def suspension_of(agent: Agent) -> SuspensionDetails | None:
    """An agent's last suspension as it is shown."""
    last = agent.suspension
    if last is None:
        return None
    return SuspensionDetails(
        suspended_at=from_milliseconds(last.suspended_at),
        suspended_by=last.suspended_by,
        reason=last.reason,
        resumed_at=None if last.resumed_at is None else from_milliseconds(last.resumed_at),
        resumed_by=last.resumed_by,
    )
