"""Who sends a request and whether they may, by its head alone: one for all routes that agents send to."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from ingest_gateway.asgi import Scope
from ingest_gateway.auth import Identity, KeyIndex
from ingest_gateway.errors import (
    ADDRESS_NOT_ALLOWED,
    KEY_IN_URL,
    MISSING_KEY,
    MISSING_PERMISSION,
    OTHER_AGENT,
    UNKNOWN_KEY,
)
from runtime.client_address import ClientAddresses
from runtime.key_usage import KeyUsage
from runtime.problems import ProblemError
from schemas.identity import KEY_PREFIX
from schemas.networks import Network, is_within
from schemas.permissions import Permission

_SCHEME = b"bearer "
_KEY_FORM = "send `Authorization: Bearer promethios_{agentId}_{secret}`"
_KEY_PREFIX = KEY_PREFIX.encode()
_KEY_PARAMETERS = frozenset(
    {b"access_token", b"api-key", b"api_key", b"apikey", b"authorization", b"key", b"token", b"x-api-key"}
)
_HOLD_BACK_SECONDS = 0.1
_KNOWN_WITHIN_SECONDS = 2.0

T = TypeVar("T")


class Authenticator:
    """Finds the key, and checks where it comes from, what it may do, and the ids that the request claims."""

    def __init__(self, trusted_proxies: Sequence[Network] = (), usage: KeyUsage | None = None) -> None:
        """`trusted_proxies` may say whom they speak for; `usage` is told of each key that is let in."""
        self._addresses = ClientAddresses(trusted_proxies)
        self._usage = usage or KeyUsage()

    def identify(
        self,
        keys: KeyIndex,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        permission: Permission,
        now: int,
    ) -> Identity:
        """Who sends this; `headers` are the scope's by name, `now` in milliseconds.

        Raises:
            ProblemError: no valid key, or it may not be used so.
        """
        if scope["query_string"]:
            refuse_key_in_url(scope["query_string"])
        identity = keys.find(bearer_token(headers.get(b"authorization")), now)
        if identity.networks is not None:
            self._check_address(identity, scope)
        authorize(identity, permission, headers.get(b"x-agent-id"), headers.get(b"x-governance-id"))
        self._usage.note(identity.key.key_id, now)
        return identity

    def _check_address(self, identity: Identity, scope: Scope) -> None:
        address = self._addresses.of(scope)
        if address is None or not is_within(address, identity.networks or ()):
            seen = "an unknown address" if address is None else str(address)
            raise ProblemError(
                ADDRESS_NOT_ALLOWED, f"this request comes from {seen}: add it to the key's networks"
            )


async def once_known(admit: Callable[[], T]) -> T:
    """What `admit` gives, asked again for two seconds while it says that a key is not known.

    The query API answers with a key that this process has yet to read, and whoever gets a 401 gives up.

    Raises:
        ProblemError: of `admit`, any other at once.
    """
    deadline = time.monotonic() + _KNOWN_WITHIN_SECONDS
    while True:
        try:
            return admit()
        except ProblemError as problem:
            if problem.kind is not UNKNOWN_KEY or time.monotonic() > deadline:
                raise
        await asyncio.sleep(_HOLD_BACK_SECONDS)


async def hold_back(problem: ProblemError) -> None:
    """Wait before a failed authentication is answered, at no cost to others.

    Whoever tries keys, or repeats a wrong one without a pause, gets ten answers a second on a connection.
    """
    if problem.kind.status == 401:
        await asyncio.sleep(_HOLD_BACK_SECONDS)


def refuse_key_in_url(query: bytes) -> None:
    """Let no key pass in a query string, not even beside one in the header.

    Raises:
        ProblemError: there is something that looks like one.
    """
    parameters = query.replace(b";", b"&").split(b"&")
    names = {unquote_to_bytes(parameter.partition(b"=")[0]).lower() for parameter in parameters}
    if _KEY_PREFIX in unquote_to_bytes(query) or not names.isdisjoint(_KEY_PARAMETERS):
        raise ProblemError(KEY_IN_URL, f"URLs are logged on their way, so rotate this key, and {_KEY_FORM}")


def bearer_token(authorization: bytes | None) -> bytes:
    """The key's text out of the Authorization header.

    Raises:
        ProblemError: there is no such header, or it names another scheme.
    """
    if authorization is None:
        raise ProblemError(MISSING_KEY, _KEY_FORM)
    if authorization[: len(_SCHEME)].lower() != _SCHEME:
        raise ProblemError(MISSING_KEY, f"only Bearer keys are taken: {_KEY_FORM}")
    return authorization[len(_SCHEME) :].strip()


def authorize(
    identity: Identity, permission: Permission, claimed_agent: bytes | None, claimed_governance: bytes | None
) -> None:
    """Check what the key may do, and the ids that X-Agent-ID and X-Governance-ID claim.

    Raises:
        ProblemError: the permission is missing, or an id is not the key's.
    """
    if permission not in identity.permissions:
        raise ProblemError(MISSING_PERMISSION, f"this route needs the permission {permission.value}")
    if claimed_agent is not None and claimed_agent != identity.key.agent_id.encode():
        raise ProblemError(OTHER_AGENT, "X-Agent-ID is not the agent of this key: correct it or leave it out")
    if claimed_governance is not None and claimed_governance != identity.key.governance_id.encode():
        raise ProblemError(
            OTHER_AGENT, "X-Governance-ID is not the governance id of this key: correct it or leave it out"
        )
