"""Agents with their status and trust: what their records say, and what the processors published."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial

from query_api.database import Database, Row
from query_api.newest import newest_of_agents
from query_api.queries import fleet, status, trust
from query_api.resources.agents import AgentSummary
from query_api.resources.status import StatusName, SuspensionDetails
from query_api.resources.values import from_milliseconds
from schemas.control import Agent


async def summaries(database: Database, tenant_id: str, agents: Sequence[Agent]) -> list[AgentSummary]:
    """Agents of one tenant as they are shown, in the order in which they were given."""
    if not agents:
        return []
    ids = [agent.agent_id for agent in agents]
    now = time.time_ns() // 1_000_000
    statuses, scores = await asyncio.gather(
        newest_of_agents(database, partial(status.current_of_agents, tenant_id), ids, now),
        newest_of_agents(database, partial(trust.current_of_agents, tenant_id), ids, now),
    )
    return [_summary(agent, statuses.get(agent.agent_id), scores.get(agent.agent_id)) for agent in agents]


async def newest_of_fleet(
    database: Database, tenant_id: str, agent_ids: Collection[str], now: int
) -> tuple[dict[str, Row], dict[str, Row]]:
    """By id the newest status and the newest score of each of a tenant's agents that had one lately."""
    oldest = now - fleet.NEWEST_MS
    return await asyncio.gather(
        newest_of_agents(database, partial(fleet.statuses, tenant_id), agent_ids, now, oldest),
        newest_of_agents(database, partial(fleet.scores, tenant_id), agent_ids, now, oldest),
    )


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
