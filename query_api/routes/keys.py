"""API keys of agents: create, list, revoke."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from query_api import errors
from query_api.dependencies import AgentToChange, AgentToRead, ConnectedServices, ref_of
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.keys import CreatedKey, KeyDetails, KeyList, NewKey
from runtime.problems import ProblemError

router = APIRouter(tags=["keys"])

_PATH = "/api/v1/agents/{agent_id}/keys"


@router.post(_PATH, status_code=201, responses=problem_responses(*WRITE_ERRORS, errors.NOT_FOUND))
async def create_key(
    agent: AgentToChange,
    services: ConnectedServices,
    response: Response,
    new: Annotated[NewKey | None, Body()] = None,
) -> CreatedKey:
    """Create one more key of an agent, so that keys may overlap; its text is shown only here."""
    wanted = new or NewKey()
    created = await services.control.registrar.create_key(agent, tuple(wanted.permissions), wanted.expires_at)
    announce_offsets(response, created.offsets)
    details = KeyDetails.of(created.key)
    return CreatedKey(**details.model_dump(), governance_id=agent.governance_id, api_key=created.api_key)


@router.get(_PATH, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def list_keys(
    agent: AgentToRead,
    services: ConnectedServices,
) -> KeyList:
    """List the keys of an agent, oldest first, without their texts."""
    keys = services.control.directory.keys(ref_of(agent))
    return KeyList(keys=[KeyDetails.of(key) for key in keys])


@router.delete(
    _PATH + "/{key_id}",
    status_code=204,
    responses=problem_responses(*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT),
)
async def revoke_key(
    agent: AgentToChange,
    key_id: str,
    services: ConnectedServices,
    response: Response,
) -> None:
    """Revoke a key for good; doing it again changes nothing."""
    key = services.control.directory.key(ref_of(agent), key_id)
    if key is None:
        raise ProblemError(errors.NOT_FOUND, f"The agent {agent.agent_id} has no key {key_id}.")
    announce_offsets(response, await services.control.registrar.revoke_key(key))
