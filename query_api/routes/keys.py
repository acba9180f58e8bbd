"""API keys of agents: create, list, change, rotate, revoke."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from query_api import errors
from query_api.dependencies import AgentManager, AgentToManage, AgentToRead, ConnectedServices, ref_of
from query_api.key_registrar import Created
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.private_answers import forbid_storing
from query_api.resources.keys import CreatedKey, KeyChange, KeyDetails, KeyList, NewKey, RotatedKey, Rotation
from runtime.problems import ProblemError
from schemas.control import ApiKey

router = APIRouter(tags=["keys"])

_PATH = "/api/v1/agents/{agent_id}/keys"
_CREATE_ERRORS = problem_responses(*WRITE_ERRORS, errors.NOT_FOUND)
_CHANGE_ERRORS = problem_responses(*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT)


def _key_to_change(agent: AgentToManage, key_id: str, services: ConnectedServices) -> ApiKey:
    key = services.control.directory.key(ref_of(agent), key_id)
    if key is None:
        raise ProblemError(errors.NOT_FOUND, f"The agent {agent.agent_id} has no key {key_id}.")
    return key


KeyToChange = Annotated[ApiKey, Depends(_key_to_change)]


@router.post(_PATH, status_code=201, responses=_CREATE_ERRORS)
async def create_key(
    agent: AgentToManage,
    caller: AgentManager,
    services: ConnectedServices,
    response: Response,
    new: Annotated[NewKey | None, Body()] = None,
) -> CreatedKey:
    """Create one more key of an agent, so that keys may overlap; its text is shown only here."""
    wish = (new or NewKey()).wish()
    created = await services.control.keys.create(agent, wish, by=caller.operator.operator_id)
    return CreatedKey.model_validate(_shown_once(response, created))


@router.get(_PATH, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def list_keys(
    agent: AgentToRead,
    services: ConnectedServices,
) -> KeyList:
    """List the keys of an agent, oldest first, without their texts."""
    keys = services.control.directory.keys(ref_of(agent))
    return KeyList(keys=[_details(services, key) for key in keys])


@router.patch(_PATH + "/{key_id}", responses=_CHANGE_ERRORS)
async def change_key(
    key: KeyToChange,
    change: KeyChange,
    services: ConnectedServices,
    response: Response,
) -> KeyDetails:
    """Change a key's name, permissions, networks or end; every gateway knows within two seconds."""
    changed, offsets = await services.control.keys.change(key, change.changes())
    announce_offsets(response, offsets)
    return _details(services, changed)


@router.post(_PATH + "/{key_id}/rotate", status_code=201, responses=_CHANGE_ERRORS)
async def rotate_key(
    key: KeyToChange,
    caller: AgentManager,
    services: ConnectedServices,
    response: Response,
    rotation: Annotated[Rotation | None, Body()] = None,
) -> RotatedKey:
    """Create a key that may do the same, and let this one expire after an overlap of a day, or as asked.

    Done again, it makes another successor and gives the key no more time. The new text is shown only here.
    """
    overlap_ms = (rotation or Rotation()).overlap_seconds * 1000
    created, rotated = await services.control.keys.rotate(
        key, overlap_ms=overlap_ms, by=caller.operator.operator_id
    )
    shown = _shown_once(response, created)
    return RotatedKey.model_validate({**shown, "predecessor": _details(services, rotated)})


@router.delete(_PATH + "/{key_id}", status_code=204, responses=_CHANGE_ERRORS)
async def revoke_key(
    key: KeyToChange,
    caller: AgentManager,
    services: ConnectedServices,
    response: Response,
) -> None:
    """Revoke a key for good; doing it again changes nothing."""
    announce_offsets(response, await services.control.keys.revoke(key, by=caller.operator.operator_id))


def _details(services: ConnectedServices, key: ApiKey) -> KeyDetails:
    return KeyDetails.of(key, services.last_uses.of(key.key_id))


def _shown_once(response: Response, created: Created) -> dict[str, object]:
    announce_offsets(response, created.offsets)
    forbid_storing(response)
    details = KeyDetails.of(created.key, None).model_dump()
    return {**details, "governance_id": created.key.governance_id, "api_key": created.api_key}
