"""What routes ask FastAPI for: the services, the caller, and the agent that a path names."""

import time
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.requests import HTTPConnection
from fastapi.security.base import SecurityBase

from query_api import errors
from query_api.auth import Caller, bearer_of
from query_api.download_jobs import DownloadJob
from query_api.log_readers import LogReader, OperatorLogReader, authenticate_agent, is_key_of_agent
from query_api.resources.values import Id, Parameters
from query_api.rights import Right
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.control import Agent
from schemas.identity import AgentRef

_TOKEN_SUBPROTOCOL = "promethios.bearer."  # noqa: S105 - what comes before a token


class _Bearer(SecurityBase):
    """Puts the scheme into the OpenAPI document; FastAPI's own does not serve WebSockets."""

    def __init__(self) -> None:
        self.model = HTTPBearerModel(
            description="An operator's token; the first admin's is `admin.token` in the data folder."
        )
        self.scheme_name = "HTTPBearer"

    def __call__(self) -> None:
        """Ask for nothing."""


def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


ConnectedServices = Annotated[Services, Depends(_services)]


class Requires:
    """A dependency that gives the caller, who has this right; for WebSockets too."""

    def __init__(self, right: Right) -> None:
        """Let pass who has `right`."""
        self.right = right

    async def __call__(
        self,
        connection: HTTPConnection,
        services: ConnectedServices,
        _documented: Annotated[None, Depends(_Bearer())],
    ) -> Caller:
        """Authenticate and authorise.

        Raises:
            ProblemError: UNAUTHENTICATED, FORBIDDEN, STARTING and others of `Services.authenticate`.
        """
        token = _token_of(connection, services)
        caller = await services.authenticate(token)
        caller.require(self.right)
        return caller


class RequiresLogs:
    """A dependency that gives who reads logs: an operator with the right, or an agent with its own key."""

    right = Right.READ_CONTENT

    async def __call__(
        self,
        connection: HTTPConnection,
        services: ConnectedServices,
        _documented: Annotated[None, Depends(_Bearer())],
    ) -> LogReader:
        """Authenticate and authorise.

        Raises:
            ProblemError: UNAUTHENTICATED, FORBIDDEN, STARTING and others of `Services.authenticate`.
        """
        return await log_reader_of(connection, services)


async def log_reader_of(connection: HTTPConnection, services: Services) -> LogReader:
    """Who reads logs over a connection; asked again while it lasts, for tokens end.

    Raises:
        ProblemError: UNAUTHENTICATED, FORBIDDEN, STARTING and others of `Services.authenticate`.
    """
    token, address = _token_of(connection, services), services.addresses.of(connection.scope)
    if is_key_of_agent(token):
        now = time.time_ns() // 1_000_000
        reader = authenticate_agent(token, services.control.directory, address, now)
        services.usage.note(reader.key.key_id, now)
        return reader
    caller = await services.authenticate(token)
    caller.require(RequiresLogs.right)
    return OperatorLogReader(address, caller)


def _token_of(connection: HTTPConnection, services: Services) -> str:
    # Asked first: while nobody can be told who they are, nobody is told that their token is missing.
    _ = services.control
    authorization = connection.headers.get("authorization")
    if authorization is None:
        # Browsers can set no header on a WebSocket, but offer subprotocols.
        for offered in connection.scope.get("subprotocols", []):
            if offered.startswith(_TOKEN_SUBPROTOCOL):
                return str(offered.removeprefix(_TOKEN_SUBPROTOCOL))
    return bearer_of(authorization)


class RequiresLink:
    """A dependency that gives the download of a link, which is shown in place of a token."""

    right = Right.READ_CONTENT

    def __call__(
        self,
        download_id: str,
        services: ConnectedServices,
        signature: Annotated[str, Query(min_length=1, max_length=128)],
    ) -> DownloadJob:
        """Read the link.

        Raises:
            ProblemError: NOT_FOUND, LINK_EXPIRED.
        """
        now = time.time_ns() // 1_000_000
        return services.downloads.signer.read_link(download_id, signature, now)


# Who may call a route; `query_api.rights` says which roles these are.
Reader = Annotated[Caller, Depends(Requires(Right.READ))]
ContentReader = Annotated[Caller, Depends(Requires(Right.READ_CONTENT))]
JobOfLink = Annotated[DownloadJob, Depends(RequiresLink())]
ReaderOfLogs = Annotated[LogReader, Depends(RequiresLogs())]


def _on_record(
    caller: ContentReader, services: ConnectedServices, connection: HTTPConnection
) -> OperatorLogReader:
    return OperatorLogReader(services.addresses.of(connection.scope), caller)


# Of what agents wrote beside logs; no agent reads its own of that.
ReaderOnRecord = Annotated[OperatorLogReader, Depends(_on_record)]
AccessReader = Annotated[Caller, Depends(Requires(Right.READ_ACCESSES))]
SqlUser = Annotated[Caller, Depends(Requires(Right.SQL))]
Governor = Annotated[Caller, Depends(Requires(Right.GOVERN))]
AgentManager = Annotated[Caller, Depends(Requires(Right.MANAGE_AGENTS))]
PrivacyOfficer = Annotated[Caller, Depends(Requires(Right.PRIVACY))]
OperatorManager = Annotated[Caller, Depends(Requires(Right.MANAGE_OPERATORS))]

AgentId = Annotated[Id, Path()]


def _agent_to_read(
    agent_id: AgentId,
    parameters: Annotated[Parameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> Agent:
    return find_agent(services, caller.tenant_for(parameters.tenant), agent_id)


def _agent_to_manage(
    agent_id: AgentId,
    parameters: Annotated[Parameters, Query()],
    caller: AgentManager,
    services: ConnectedServices,
) -> Agent:
    return find_agent(services, caller.tenant_for(parameters.tenant), agent_id)


def _agent_to_govern(
    agent_id: AgentId,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
) -> Agent:
    return find_agent(services, caller.tenant_for(parameters.tenant), agent_id)


# For routes without parameters of their own.
AgentToRead = Annotated[Agent, Depends(_agent_to_read)]
AgentToManage = Annotated[Agent, Depends(_agent_to_manage)]
AgentToGovern = Annotated[Agent, Depends(_agent_to_govern)]


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
