"""Privacy policies of a tenant and of an agent: read, put, tried."""

import secrets
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from privacy.detectors.registry import detectors_of
from privacy.effort import Effort
from privacy.masker import Masker
from privacy.policy import effective
from query_api import errors
from query_api.dependencies import (
    AgentId,
    AgentToRead,
    ConnectedServices,
    PrivacyOfficer,
    Reader,
    find_agent,
    ref_of,
)
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.privacy import (
    AgentPrivacy,
    MaskedTrial,
    MaskingTrial,
    PolicyInForce,
    PolicyOfAgent,
    PolicyOfTenant,
    TenantPrivacy,
    policy_of_agent,
    policy_of_tenant,
)
from query_api.resources.values import Parameters
from query_api.services import Services
from schemas.control import Agent
from schemas.privacy import PrivacyPolicy

router = APIRouter(tags=["privacy"])

_TENANT = "/api/v1/privacy"
_AGENT = "/api/v1/agents/{agent_id}/privacy"
_CHANGE_ERRORS = (*WRITE_ERRORS, errors.CONFLICT)


def _agent_to_change(
    agent_id: AgentId,
    parameters: Annotated[Parameters, Query()],
    caller: PrivacyOfficer,
    services: ConnectedServices,
) -> Agent:
    return find_agent(services, caller.tenant_for(parameters.tenant), agent_id)


@router.get(_TENANT, responses=problem_responses(*CONTROL_READ_ERRORS))
async def show_privacy_of_tenant(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> TenantPrivacy:
    """Show what is masked in the texts of a tenant's agents."""
    return _of_tenant(services, caller.tenant_for(parameters.tenant))


@router.put(_TENANT, responses=problem_responses(*_CHANGE_ERRORS))
async def put_privacy_of_tenant(
    policy: PolicyOfTenant,
    parameters: Annotated[Parameters, Query()],
    caller: PrivacyOfficer,
    services: ConnectedServices,
    response: Response,
) -> TenantPrivacy:
    """Put a tenant's policy in the place of the one before; in force in every gateway within two seconds."""
    tenant_id = caller.tenant_for(parameters.tenant)
    announce_offsets(response, await services.control.privacy.change_tenant(tenant_id, policy.applied))
    return _of_tenant(services, tenant_id)


@router.post(_TENANT + "/test", responses=problem_responses(*WRITE_ERRORS))
async def test_privacy(
    trial: MaskingTrial,
    parameters: Annotated[Parameters, Query()],
    caller: PrivacyOfficer,
    services: ConnectedServices,
) -> MaskedTrial:
    """Show what a text would become; nothing is stored. Under its own key, a hash is no help in guessing."""
    tenant = services.control.directory.privacy_of_tenant(caller.tenant_for(parameters.tenant))
    if trial.policy is not None:
        tenant = trial.policy.applied(PrivacyPolicy(""))
    policy = msgspec.structs.replace(effective(tenant, None), hash_key=secrets.token_hex(32))
    masker = Masker(policy)
    return MaskedTrial(value=masker.mask_json(trial.value, detectors_of(masker.classes), Effort()))


@router.get(_AGENT, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_privacy_of_agent(agent: AgentToRead, services: ConnectedServices) -> AgentPrivacy:
    """Show what is masked in the texts of an agent."""
    return _of_agent(services, agent)


@router.put(_AGENT, responses=problem_responses(*_CHANGE_ERRORS, errors.NOT_FOUND))
async def put_privacy_of_agent(
    policy: PolicyOfAgent,
    agent: Annotated[Agent, Depends(_agent_to_change)],
    services: ConnectedServices,
    response: Response,
) -> AgentPrivacy:
    """Put an agent's policy in the place of the one before; an empty one lets it have its tenant's again."""
    announce_offsets(response, await services.control.privacy.change_agent(ref_of(agent), policy.applied))
    return _of_agent(services, agent)


def _of_tenant(services: Services, tenant_id: str) -> TenantPrivacy:
    policy = services.control.directory.privacy_of_tenant(tenant_id)
    in_force = PolicyInForce.of(effective(policy, None))
    return TenantPrivacy(tenant_id=tenant_id, policy=policy_of_tenant(policy), in_force=in_force)


def _of_agent(services: Services, agent: Agent) -> AgentPrivacy:
    directory = services.control.directory
    policy = directory.privacy_of_agent(ref_of(agent))
    in_force = PolicyInForce.of(effective(directory.privacy_of_tenant(agent.tenant_id), policy))
    return AgentPrivacy(
        tenant_id=agent.tenant_id,
        agent_id=agent.agent_id,
        policy=policy_of_agent(policy),
        in_force=in_force,
    )
