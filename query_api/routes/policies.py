"""Policies of a tenant: create, list, show, put, delete, try."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Response

from policy_engine.compiled import compile_policy
from policy_engine.deciding import decide, policies_for
from query_api import errors
from query_api.dependencies import ConnectedServices, Governor, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.policies import (
    NewPolicy,
    PolicyBody,
    PolicyChange,
    PolicyDetails,
    PolicyList,
    details_of,
)
from query_api.resources.policy_trials import CallTrial, CallVerdict
from query_api.resources.values import Id, Parameters
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.policy import Policy

router = APIRouter(tags=["policies"])

_ALL = "/api/v1/policies"
_ONE = "/api/v1/policies/{policy_id}"

PolicyId = Annotated[Id, Path()]


def _policy_to_read(
    policy_id: PolicyId,
    parameters: Annotated[Parameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> Policy:
    return _find(services, caller.tenant_for(parameters.tenant), policy_id)


def _policy_to_delete(
    policy_id: PolicyId,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
) -> Policy:
    return _find(services, caller.tenant_for(parameters.tenant), policy_id)


class AskedChange(NamedTuple):
    """The policy that is to be changed, and the version that it is expected to have."""

    policy: Policy
    version: int | None


def _asked_change(
    policy_id: PolicyId,
    parameters: Annotated[PolicyChange, Query()],
    caller: Governor,
    services: ConnectedServices,
) -> AskedChange:
    policy = _find(services, caller.tenant_for(parameters.tenant), policy_id)
    return AskedChange(policy, parameters.version)


@router.post(_ALL, status_code=201, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def create_policy(
    new: NewPolicy,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> PolicyDetails:
    """Create a policy under an id of your choice; what agents report from now on is judged by it."""
    policy, offsets = await services.control.policies.create(
        caller.tenant_for(parameters.tenant), new.policy_id, new.terms(), by=caller.operator.operator_id
    )
    announce_offsets(response, offsets)
    response.headers["location"] = f"{_ALL}/{policy.policy_id}"
    return details_of(policy)


@router.get(_ALL, responses=problem_responses(*CONTROL_READ_ERRORS))
async def list_policies(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> PolicyList:
    """List a tenant's policies, by id."""
    policies = services.control.directory.policies(caller.tenant_for(parameters.tenant))
    return PolicyList.model_construct(policies=[details_of(policy) for policy in policies])


@router.post("/api/v1/policy-test", responses=problem_responses(*WRITE_ERRORS))
async def test_policies(
    trial: CallTrial,
    parameters: Annotated[Parameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> CallVerdict:
    """Show what the policies would decide on a call, and why; nothing is stored and nobody is stopped."""
    tenant_id = caller.tenant_for(parameters.tenant)
    found = services.control.directory.policies(tenant_id)
    policies = {policy.policy_id: policy for policy in found}
    if trial.policy is not None:
        policies[trial.policy.policy_id] = _tried(tenant_id, trial.policy, policies)
    compiled = [compile_policy(policy) for policy in policies.values()]
    return CallVerdict.of(decide(policies_for(trial.agent_id, compiled), trial.call(), trial.facts()))


@router.get(_ONE, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_policy(policy: Annotated[Policy, Depends(_policy_to_read)]) -> PolicyDetails:
    """Show a policy."""
    return details_of(policy)


@router.put(_ONE, responses=problem_responses(*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT))
async def put_policy(
    asked: Annotated[AskedChange, Depends(_asked_change)],
    body: PolicyBody,
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> PolicyDetails:
    """Put a policy in the place of the one before; what was reported before is not judged anew."""
    policy, offsets = await services.control.policies.replace(
        asked.policy, body.terms(), by=caller.operator.operator_id, version=asked.version
    )
    announce_offsets(response, offsets)
    return details_of(policy)


@router.delete(
    _ONE,
    status_code=204,
    responses=problem_responses(*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT),
)
async def delete_policy(
    policy: Annotated[Policy, Depends(_policy_to_delete)],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> None:
    """Delete a policy; what it found stays, and its id may be used again."""
    announce_offsets(response, await services.control.policies.delete(policy, by=caller.operator.operator_id))


def _find(services: Services, tenant_id: str, policy_id: str) -> Policy:
    policy = services.control.directory.policy(tenant_id, policy_id)
    if policy is None:
        raise ProblemError(errors.NOT_FOUND, f"There is no policy {policy_id} in tenant {tenant_id}.")
    return policy


def _tried(tenant_id: str, new: NewPolicy, policies: dict[str, Policy]) -> Policy:
    """The policy as it would be; nobody has written it at any time."""
    before = policies.get(new.policy_id)
    version = 1 if before is None else before.version + 1
    return Policy(tenant_id, new.policy_id, version, new.terms(), 0, "", 0, "")
