"""Agents: create, list, show, label."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Response

from query_api import errors
from query_api.agent_ranking import rank
from query_api.agent_summaries import known_statuses, newest_of_fleet, summaries
from query_api.cursors import RankCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import AgentManager, AgentToManage, AgentToRead, ConnectedServices, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.paging import split_page
from query_api.private_answers import forbid_storing
from query_api.resources.agents import (
    AgentChange,
    AgentPage,
    AgentParameters,
    AgentSummary,
    CreatedAgent,
    NewAgent,
)
from query_api.resources.status import StatusName
from query_api.resources.values import Parameters
from schemas.identity import AgentRef

router = APIRouter(tags=["agents"])


@router.post("/api/v1/agents", status_code=201, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def create_agent(
    new: NewAgent,
    parameters: Annotated[Parameters, Query()],
    caller: AgentManager,
    services: ConnectedServices,
    response: Response,
) -> CreatedAgent:
    """Create an agent and its first key, and the tenant if it is new; the key's text is shown only here."""
    tenant_id = caller.tenant_for(parameters.tenant)
    created = await services.control.registrar.create_agent(
        AgentRef(tenant_id, new.agent_id), by=caller.operator.operator_id, labels=new.labels
    )
    announce_offsets(response, created.offsets)
    forbid_storing(response)
    response.headers["location"] = f"/api/v1/agents/{new.agent_id}"
    return CreatedAgent(
        agent_id=created.key.agent_id,
        tenant_id=created.key.tenant_id,
        governance_id=created.key.governance_id,
        api_key=created.api_key,
    )


@router.get("/api/v1/agents", responses=problem_responses(*READ_ERRORS))
async def list_agents(
    parameters: Annotated[AgentParameters, Query()], caller: Reader, services: ConnectedServices
) -> AgentPage:
    """List agents, with status and trust as far as they are known; by id unless asked otherwise."""
    tenant_id, wanted = caller.tenant_for(parameters.tenant), parameters.search
    cursor = decode_cursor(parameters.cursor, RankCursor)
    directory, database = services.control.directory, services.database
    statuses: dict[str, StatusName] = {}
    scores: dict[str, Row] = {}
    if wanted.needs_all:
        now = time.time_ns() // 1_000_000
        published, scores = await newest_of_fleet(database, tenant_id, directory.agent_ids(tenant_id), now)
        statuses = known_statuses(published, directory.suspended(tenant_id))
    labelled = directory.labels(tenant_id)
    wanted_ids = (agent_id for agent_id, labels in labelled.items() if wanted.matches_labels(labels))
    places = rank(wanted_ids, statuses, scores, wanted, cursor)
    page, next_cursor = split_page(places[: parameters.limit + 1], parameters.limit, lambda place: place)
    found = (directory.agent(AgentRef(tenant_id, place.name)) for place in page)
    agents = [agent for agent in found if agent is not None]
    return AgentPage(agents=await summaries(database, tenant_id, agents), next_cursor=next_cursor)


@router.get("/api/v1/agents/{agent_id}", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND))
async def show_agent(
    agent: AgentToRead,
    services: ConnectedServices,
) -> AgentSummary:
    """Show an agent with its status and trust."""
    [summary] = await summaries(services.database, agent.tenant_id, [agent])
    return summary


@router.patch(
    "/api/v1/agents/{agent_id}",
    responses=problem_responses(*WRITE_ERRORS, *READ_ERRORS, errors.NOT_FOUND, errors.CONFLICT),
)
async def change_agent(
    change: AgentChange, agent: AgentToManage, services: ConnectedServices, response: Response
) -> AgentSummary:
    """Change an agent's labels; rules and silences go by them from now on."""
    changed = agent
    if "labels" in change.model_fields_set:
        changed, offsets = await services.control.registrar.label(agent, change.labels)
        announce_offsets(response, offsets)
    [summary] = await summaries(services.database, changed.tenant_id, [changed])
    return summary
