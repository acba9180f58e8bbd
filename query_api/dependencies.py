"""What routes ask FastAPI for: the services, the caller, and the agent that a path names."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from query_api import errors
from query_api.auth import Caller, authenticate
from query_api.resources.values import Id, Parameters
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.control import Agent
from schemas.identity import AgentRef

_bearer = HTTPBearer(auto_error=False, description="The operator token, `admin.token` in the data folder.")


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _caller(
    request: Request,
    services: Annotated[Services, Depends(_services)],
    _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    return authenticate(request.headers.get("authorization"), services.control.directory)


def _admin(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    caller.require_admin()
    return caller


ConnectedServices = Annotated[Services, Depends(_services)]
Viewer = Annotated[Caller, Depends(_caller)]
Admin = Annotated[Caller, Depends(_admin)]
AgentId = Annotated[Id, Path()]


def _agent_to_read(
    agent_id: AgentId,
    parameters: Annotated[Parameters, Query()],
    caller: Viewer,
    services: ConnectedServices,
) -> Agent:
    return find_agent(services, caller.tenant_for(parameters.tenant), agent_id)


def _agent_to_change(
    agent_id: AgentId,
    parameters: Annotated[Parameters, Query()],
    caller: Admin,
    services: ConnectedServices,
) -> Agent:
    return find_agent(services, caller.tenant_for(parameters.tenant), agent_id)


# For routes without parameters of their own.
AgentToRead = Annotated[Agent, Depends(_agent_to_read)]
AgentToChange = Annotated[Agent, Depends(_agent_to_change)]


def find_agent(services: Services, tenant_id: str, agent_id: str) -> Agent:
    """The agent of that tenant.

    Raises:
        ProblemError: NOT_FOUND.
    """
    agent = services.control.directory.agent(AgentRef(tenant_id, agent_id))
    if agent is None:
        raise ProblemError(errors.NOT_FOUND, f"There is no agent {agent_id} in tenant {tenant_id}.")
    return agent


def ref_of(agent: Agent) -> AgentRef:
    """The agent's name among all tenants."""
    return AgentRef(agent.tenant_id, agent.agent_id)
