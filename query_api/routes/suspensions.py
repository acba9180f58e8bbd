"""Suspends agents and resumes them: gateways take nothing of one that is suspended."""

from fastapi import APIRouter, Response

from query_api import errors
from query_api.agent_summaries import summaries
from query_api.dependencies import AgentToGovern, ConnectedServices, Governor
from query_api.offsets import announce_offsets
from query_api.openapi import READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.agents import AgentSummary, SuspensionWish

router = APIRouter(tags=["agents"])

_RESPONSES = problem_responses(*WRITE_ERRORS, *READ_ERRORS, errors.NOT_FOUND, errors.CONFLICT)


@router.post("/api/v1/agents/{agent_id}/suspend", responses=_RESPONSES)
async def suspend_agent(
    wish: SuspensionWish,
    agent: AgentToGovern,
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> AgentSummary:
    """Take nothing more of an agent: within 2 s every gateway process answers it 403 `agent-suspended`.

    One that is suspended already stays so, for the reason that was given first.
    """
    changed, offsets = await services.control.registrar.suspend(
        agent, wish.reason, by=caller.operator.operator_id
    )
    announce_offsets(response, offsets)
    [summary] = await summaries(services.database, changed.tenant_id, [changed])
    return summary


@router.post("/api/v1/agents/{agent_id}/resume", responses=_RESPONSES)
async def resume_agent(
    agent: AgentToGovern, caller: Governor, services: ConnectedServices, response: Response
) -> AgentSummary:
    """Take what an agent sends again; one that is not suspended stays as it is.

    Its status is `suspended` until the processors have published another, a second or two.
    """
    changed, offsets = await services.control.registrar.resume(agent, by=caller.operator.operator_id)
    announce_offsets(response, offsets)
    [summary] = await summaries(services.database, changed.tenant_id, [changed])
    return summary
