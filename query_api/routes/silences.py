"""Silences of a tenant: create, list, show, put, delete."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Response

from query_api import errors
from query_api.dependencies import ConnectedServices, Governor, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.alert_rules import TermsChange
from query_api.resources.silences import NewSilence, SilenceBody, SilenceDetails, SilenceList
from query_api.resources.values import Id, Parameters
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.alert_rules import AlertSilence

router = APIRouter(tags=["alerts"])

_ALL = "/api/v1/alert-silences"
_ONE = "/api/v1/alert-silences/{silence_id}"
_WRITTEN = (*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT)

SilenceId = Annotated[Id, Path()]


def _silence_to_read(
    silence_id: SilenceId,
    parameters: Annotated[Parameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> AlertSilence:
    return _find(services, caller.tenant_for(parameters.tenant), silence_id)


class AskedChange(NamedTuple):
    """The silence that is to be changed, and the version that it is expected to have."""

    silence: AlertSilence
    version: int | None


def _asked_change(
    silence_id: SilenceId,
    parameters: Annotated[TermsChange, Query()],
    caller: Governor,
    services: ConnectedServices,
) -> AskedChange:
    silence = _find(services, caller.tenant_for(parameters.tenant), silence_id)
    return AskedChange(silence, parameters.version)


@router.post(_ALL, status_code=201, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def create_silence(
    new: NewSilence,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> SilenceDetails:
    """Create a silence under an id of your choice; alerts that fire are silenced within half a minute."""
    silence, offsets = await services.control.silences.create(
        caller.tenant_for(parameters.tenant), new.silence_id, new.terms(), by=caller.operator.operator_id
    )
    announce_offsets(response, offsets)
    response.headers["location"] = f"{_ALL}/{silence.silence_id}"
    return SilenceDetails.of(silence)


@router.get(_ALL, responses=problem_responses(*CONTROL_READ_ERRORS))
async def list_silences(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> SilenceList:
    """List a tenant's silences by id, those that are over too."""
    silences = services.control.directory.silences(caller.tenant_for(parameters.tenant))
    return SilenceList(silences=[SilenceDetails.of(silence) for silence in silences])


@router.get(_ONE, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_silence(silence: Annotated[AlertSilence, Depends(_silence_to_read)]) -> SilenceDetails:
    """Show a silence."""
    return SilenceDetails.of(silence)


@router.put(_ONE, responses=problem_responses(*_WRITTEN))
async def put_silence(
    asked: Annotated[AskedChange, Depends(_asked_change)],
    body: SilenceBody,
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> SilenceDetails:
    """Put a silence in the place of the one before, as to end it now or to make it longer."""
    silence, offsets = await services.control.silences.replace(
        asked.silence, body.terms(), by=caller.operator.operator_id, version=asked.version
    )
    announce_offsets(response, offsets)
    return SilenceDetails.of(silence)


@router.delete(_ONE, status_code=204, responses=problem_responses(*_WRITTEN))
async def delete_silence(
    silence_id: SilenceId,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> None:
    """Delete a silence, which ends it; its id may be used again."""
    silence = _find(services, caller.tenant_for(parameters.tenant), silence_id)
    announce_offsets(
        response, await services.control.silences.delete(silence, by=caller.operator.operator_id)
    )


def _find(services: Services, tenant_id: str, silence_id: str) -> AlertSilence:
    silence = services.control.directory.silence(tenant_id, silence_id)
    if silence is None:
        raise ProblemError(errors.NOT_FOUND, f"There is no silence {silence_id} in tenant {tenant_id}.")
    return silence
