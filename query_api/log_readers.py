"""Who may read logs: operators, and agents their own."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from pydantic import BaseModel

from query_api import errors
from query_api.auth import Caller
from query_api.directory import Directory
from runtime.problems import ProblemError
from schemas.accesses import Access, AccessAction, ActorKind
from schemas.control import ApiKey
from schemas.identity import KEY_PREFIX, AgentRef, hash_secret
from schemas.networks import Address, is_within, parse_network
from schemas.permissions import Permission

_OWN_ONLY = "The key of an agent reads the log of that agent only."


def text_of(parameters: BaseModel) -> str:
    """Parameters as an access tells of them: as JSON, without what was left to its default."""
    return parameters.model_dump_json(exclude_defaults=True, by_alias=True)


@dataclass(frozen=True, slots=True)
class LogReader(ABC):
    """Somebody who has shown that they may read logs, and which; None is an address that is not known."""

    address: Address | None

    @property
    @abstractmethod
    def actor(self) -> tuple[ActorKind, str]:
        """What they are, and the id of what they have shown."""

    @abstractmethod
    def tenant_for(self, asked: str | None) -> str:
        """The tenant that a request is about; `asked` is its `?tenant=`.

        Raises:
            ProblemError: FORBIDDEN.
        """

    @abstractmethod
    def check_agent(self, agent_id: str | None) -> None:
        """Let pass who may read the log of this agent; None means of the whole tenant.

        Raises:
            ProblemError: FORBIDDEN.
        """

    def access(self, action: AccessAction, ref: AgentRef, *, query: str | BaseModel, rows: int) -> Access:
        """What is written down of a read; `ref` has an empty agent where the whole tenant is read.

        `query` is what was asked for, or the parameters that say it.
        """
        kind, actor_id = self.actor
        address = "" if self.address is None else str(self.address)
        asked = query if isinstance(query, str) else text_of(query)
        return Access(ref.tenant_id, ref.agent_id, kind, actor_id, action, asked, address, rows)


@dataclass(frozen=True, slots=True)
class OperatorLogReader(LogReader):
    """An operator reads all of their tenants."""

    caller: Caller

    @property
    def actor(self) -> tuple[ActorKind, str]:
        """The operator."""
        return ActorKind.OPERATOR, self.caller.operator.operator_id

    def tenant_for(self, asked: str | None) -> str:
        """As for every route of operators."""
        return self.caller.tenant_for(asked)

    def check_agent(self, agent_id: str | None) -> None:
        """Every agent."""


@dataclass(frozen=True, slots=True)
class AgentLogReader(LogReader):
    """An agent reads its own log."""

    key: ApiKey

    @property
    def actor(self) -> tuple[ActorKind, str]:
        """The key."""
        return ActorKind.AGENT_KEY, self.key.key_id

    def tenant_for(self, asked: str | None) -> str:
        """The key's."""
        if asked not in {None, self.key.tenant_id}:
            raise ProblemError(errors.FORBIDDEN, _OWN_ONLY)
        return self.key.tenant_id

    def check_agent(self, agent_id: str | None) -> None:
        """The key's own."""
        if agent_id != self.key.agent_id:
            raise ProblemError(errors.FORBIDDEN, _OWN_ONLY)


def is_key_of_agent(token: str) -> bool:
    """Whether it begins as the API key of an agent does."""
    return token.startswith(KEY_PREFIX)


def authenticate_agent(token: str, directory: Directory, address: Address | None, now: int) -> AgentLogReader:
    """The reader behind an agent's key; `now` in milliseconds.

    Raises:
        ProblemError: UNAUTHENTICATED, or FORBIDDEN: the key may not read logs, or not from this address.
    """
    key = directory.key_by_hash(hash_secret(token))
    if key is None or directory.agent(AgentRef(key.tenant_id, key.agent_id)) is None:
        raise ProblemError(errors.UNAUTHENTICATED, "This API key is not known.")
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise ProblemError(errors.UNAUTHENTICATED, "This API key was revoked or has expired.")
    if Permission.LOGS_READ not in key.permissions:
        raise ProblemError(errors.FORBIDDEN, f"This API key lacks the permission {Permission.LOGS_READ}.")
    if key.allowed_networks and not _may_come_from(key, address):
        raise ProblemError(errors.FORBIDDEN, "This API key is bound to networks, and this is none of them.")
    return AgentLogReader(address, key)


def _may_come_from(key: ApiKey, address: Address | None) -> bool:
    # A network that cannot be read stands in no record of ours, and admits nobody.
    return address is not None and is_within(address, [parse_network(text) for text in key.allowed_networks])
