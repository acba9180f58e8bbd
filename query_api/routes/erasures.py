"""Erasures of an agent or of a value: ask, list, show."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from query_api import errors
from query_api.dependencies import ConnectedServices, PrivacyOfficer
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.erasures import ErasureDetails, ErasureList, NewErasure
from query_api.resources.values import Parameters
from runtime.problems import ProblemError

router = APIRouter(tags=["privacy"])

_ALL = "/api/v1/erasures"


@router.post(_ALL, status_code=202, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def request_erasure(
    new: NewErasure,
    parameters: Annotated[Parameters, Query()],
    caller: PrivacyOfficer,
    services: ConnectedServices,
    response: Response,
) -> ErasureDetails:
    """Begin to erase or to anonymise; it goes on by itself, also after a restart, and cannot be taken back.

    An agent is no agent any more from then on: its keys are revoked, and its id is free once it is done.
    """
    erasure, offsets = await services.control.erasures.request(
        caller.tenant_for(parameters.tenant),
        agent_id=new.agent_id,
        value=new.value,
        mode=new.mode,
        reason=new.reason,
        by=caller.operator.operator_id,
    )
    announce_offsets(response, offsets)
    response.headers["location"] = f"{_ALL}/{erasure.erasure_id}"
    return ErasureDetails.of(erasure)


@router.get(_ALL, responses=problem_responses(*CONTROL_READ_ERRORS))
async def list_erasures(
    parameters: Annotated[Parameters, Query()], caller: PrivacyOfficer, services: ConnectedServices
) -> ErasureList:
    """List a tenant's erasures, oldest first, with their reports."""
    found = services.control.directory.erasures(caller.tenant_for(parameters.tenant))
    return ErasureList(erasures=[ErasureDetails.of(erasure) for erasure in found])


@router.get(_ALL + "/{erasure_id}", responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_erasure(
    erasure_id: str,
    parameters: Annotated[Parameters, Query()],
    caller: PrivacyOfficer,
    services: ConnectedServices,
) -> ErasureDetails:
    """Show an erasure: how far it is, how many rows were found in which table, and what remains where."""
    tenant_id = caller.tenant_for(parameters.tenant)
    erasure = services.control.directory.erasure(tenant_id, erasure_id)
    if erasure is None:
        raise ProblemError(errors.NOT_FOUND, f"There is no erasure {erasure_id} in tenant {tenant_id}.")
    return ErasureDetails.of(erasure)
