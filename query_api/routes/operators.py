"""Operators: create, list, show, change, remove; their tokens: make, list, rotate, revoke; who one is."""

import time
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Body, Depends, Path, Query, Response

from query_api import errors
from query_api.auth import Caller
from query_api.dependencies import ConnectedServices, OperatorManager, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.operator_registrar import Issued, find_token
from query_api.private_answers import forbid_storing
from query_api.resources.operators import (
    CreatedOperator,
    CreatedToken,
    NewOperator,
    NewToken,
    OperatorChange,
    OperatorDetails,
    OperatorList,
    OperatorParameters,
    RotatedToken,
    TokenDetails,
    TokenList,
    TokenRotation,
    WhoAmI,
)
from query_api.resources.values import Id, Parameters
from query_api.rights import Right, may
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.operators import Operator

router = APIRouter(tags=["operators"])

_ALL = "/api/v1/operators"
_ONE = _ALL + "/{operator_id}"
_TOKENS = _ONE + "/tokens"
_CHANGE_ERRORS = problem_responses(*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT)

OfTenant = Annotated[OperatorParameters, Query()]


def _operator(
    operator_id: Annotated[Id, Path()],
    parameters: OfTenant,
    caller: OperatorManager,
    services: ConnectedServices,
) -> Operator:
    found = services.control.directory.operator(operator_id)
    if found is None or not _is_visible(found, caller, parameters.tenant):
        raise ProblemError(errors.NOT_FOUND, f"There is no operator {operator_id}.")
    return found


OperatorOfPath = Annotated[Operator, Depends(_operator)]


class NamedToken(NamedTuple):
    """A token as a path names it; whether there is one is another question."""

    operator: Operator
    token_id: str


def _token(token_id: str, operator: OperatorOfPath) -> NamedToken:
    return NamedToken(operator, token_id)


TokenOfPath = Annotated[NamedToken, Depends(_token)]


@router.get("/api/v1/whoami", responses=problem_responses(*CONTROL_READ_ERRORS))
async def who_am_i(caller: Reader) -> WhoAmI:
    """Say who the token of the request belongs to, and what they may do."""
    operator = caller.operator
    return WhoAmI(
        operator_id=operator.operator_id,
        tenant_id=operator.tenant_id,
        role=operator.role,
        rights=[right for right in Right if may(operator.role, right)],
    )


@router.post(_ALL, status_code=201, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def create_operator(
    new: NewOperator,
    parameters: Annotated[Parameters, Query()],
    caller: OperatorManager,
    services: ConnectedServices,
    response: Response,
) -> CreatedOperator:
    """Create an operator and their first token, whose text is shown only here."""
    operator = Operator(
        operator_id=new.operator_id,
        role=new.role,
        created_at=time.time_ns() // 1_000_000,
        tenant_id=_tenant_of(new, parameters, caller),
        name=new.name,
        created_by=caller.operator.operator_id,
    )
    issued = await services.control.operators.create(operator, new.token.wish())
    response.headers["location"] = f"{_ALL}/{new.operator_id}"
    details = OperatorDetails.of(issued.operator).model_dump()
    return CreatedOperator.model_validate({**details, "first_token": _shown_once(response, issued)})


@router.get(_ALL, responses=problem_responses(*CONTROL_READ_ERRORS))
async def list_operators(
    parameters: OfTenant, caller: OperatorManager, services: ConnectedServices
) -> OperatorList:
    """List the operators that one manages, by id, without their tokens."""
    found = services.control.directory.operators()
    visible = [operator for operator in found if _is_visible(operator, caller, parameters.tenant)]
    return OperatorList(operators=[OperatorDetails.of(operator) for operator in visible])


@router.get(_ONE, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_operator(operator: OperatorOfPath) -> OperatorDetails:
    """Show an operator."""
    return OperatorDetails.of(operator)


@router.patch(_ONE, responses=_CHANGE_ERRORS)
async def change_operator(
    operator: OperatorOfPath, change: OperatorChange, services: ConnectedServices, response: Response
) -> OperatorDetails:
    """Change an operator's role or name; in force in every process within two seconds."""
    changed, offsets = await services.control.operators.change(operator, change.changes())
    announce_offsets(response, offsets)
    return OperatorDetails.of(changed)


@router.delete(_ONE, status_code=204, responses=_CHANGE_ERRORS)
async def remove_operator(
    operator: OperatorOfPath, caller: OperatorManager, services: ConnectedServices, response: Response
) -> None:
    """Remove an operator with all tokens; the last admin of all tenants stays."""
    offsets = await services.control.operators.remove(operator, by=caller.operator.operator_id)
    announce_offsets(response, offsets)


@router.post(_TOKENS, status_code=201, responses=_CHANGE_ERRORS)
async def create_token(
    operator: OperatorOfPath,
    caller: OperatorManager,
    services: ConnectedServices,
    response: Response,
    new: Annotated[NewToken | None, Body()] = None,
) -> CreatedToken:
    """Make one more token of an operator; its text is shown only here."""
    wish = (new or NewToken()).wish()
    issued = await services.control.operators.issue(operator, wish, by=caller.operator.operator_id)
    return _shown_once(response, issued)


@router.get(_TOKENS, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def list_tokens(operator: OperatorOfPath, services: ConnectedServices) -> TokenList:
    """List an operator's tokens, oldest first, without their texts."""
    return TokenList(tokens=[_details(services, operator, token.token_id) for token in operator.tokens])


@router.post(_TOKENS + "/{token_id}/rotate", status_code=201, responses=_CHANGE_ERRORS)
async def rotate_token(
    named: TokenOfPath,
    caller: OperatorManager,
    services: ConnectedServices,
    response: Response,
    rotation: Annotated[TokenRotation | None, Body()] = None,
) -> RotatedToken:
    """Make a token's successor, and let it end after an overlap of a day, or as asked.

    Done again, it makes another successor and gives the token no more time. The new text is shown only here.
    """
    overlap_ms = (rotation or TokenRotation()).overlap_seconds * 1000
    issued = await services.control.operators.rotate(
        named.operator, named.token_id, overlap_ms=overlap_ms, by=caller.operator.operator_id
    )
    shown = _shown_once(response, issued).model_dump()
    predecessor = _details(services, issued.operator, named.token_id)
    return RotatedToken.model_validate({**shown, "predecessor": predecessor})


@router.delete(_TOKENS + "/{token_id}", status_code=204, responses=_CHANGE_ERRORS)
async def revoke_token(
    named: TokenOfPath,
    caller: OperatorManager,
    services: ConnectedServices,
    response: Response,
) -> None:
    """Revoke a token for good; doing it again changes nothing."""
    offsets = await services.control.operators.revoke(*named, by=caller.operator.operator_id)
    announce_offsets(response, offsets)


def _is_visible(operator: Operator, caller: Caller, tenant: str | None) -> bool:
    """Whether the caller manages this operator, and meant operators of such a tenant."""
    own = caller.operator.tenant_id
    if tenant is not None:
        tenant = caller.tenant_for(tenant)
    return own in {None, operator.tenant_id} and tenant in {None, operator.tenant_id}


def _tenant_of(new: NewOperator, parameters: Parameters, caller: Caller) -> str | None:
    if not new.all_tenants:
        return caller.tenant_for(parameters.tenant)
    if caller.operator.tenant_id is not None:
        raise ProblemError(errors.FORBIDDEN, "An admin of one tenant makes operators of that tenant only.")
    return None


def _details(services: Services, operator: Operator, token_id: str) -> TokenDetails:
    return TokenDetails.of(operator, find_token(operator, token_id), services.last_uses.of(token_id))


def _shown_once(response: Response, issued: Issued) -> CreatedToken:
    announce_offsets(response, issued.offsets)
    forbid_storing(response)
    details = TokenDetails.of(issued.operator, issued.token, None).model_dump()
    return CreatedToken.model_validate({**details, "token": issued.text})
