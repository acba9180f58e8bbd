"""What the command line asks of the query API about operators."""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from infra.cli.client import QueryClient, decoded

_ALL = "/api/v1/operators"


class OperatorDetails(msgspec.Struct, frozen=True):
    """An operator; `tenant_id` None means all tenants."""

    operator_id: str
    tenant_id: str | None
    role: str
    name: str
    created_at: str
    created_by: str | None


class TokenDetails(msgspec.Struct, frozen=True):
    """A token without its text."""

    token_id: str
    operator_id: str
    name: str
    created_at: str
    created_by: str | None
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    revoked_by: str | None
    rotated_from: str | None


class CreatedToken(TokenDetails, frozen=True):
    """A new token with its text."""

    token: str


class CreatedOperator(OperatorDetails, frozen=True):
    """A new operator with their first token."""

    first_token: CreatedToken


class RotatedToken(CreatedToken, frozen=True):
    """A successor with its text, and the token that it succeeds."""

    predecessor: TokenDetails


class _Operators(msgspec.Struct, frozen=True):
    operators: list[OperatorDetails]


class _Tokens(msgspec.Struct, frozen=True):
    tokens: list[TokenDetails]


class OperatorClient:
    """Every method raises StackError when it fails; `wanted` names fields as the query API does."""

    def __init__(self, client: QueryClient) -> None:
        """Ask through `client`."""
        self._client = client

    def create(self, wanted: Mapping[str, object]) -> CreatedOperator:
        """Create an operator with a first token."""
        return decoded(self._client.send("POST", _ALL, json=wanted), CreatedOperator)

    def all(self) -> list[OperatorDetails]:
        """Those whom one manages, by id."""
        return decoded(self._client.send("GET", _ALL), _Operators).operators

    def change(self, operator_id: str, wanted: Mapping[str, object]) -> OperatorDetails:
        """Change the fields that `wanted` names; the others stay."""
        return decoded(self._client.send("PATCH", _path(operator_id), json=wanted), OperatorDetails)

    def remove(self, operator_id: str) -> None:
        """Remove an operator with all tokens."""
        self._client.send("DELETE", _path(operator_id))

    def tokens(self, operator_id: str) -> list[TokenDetails]:
        """An operator's tokens, oldest first."""
        return decoded(self._client.send("GET", f"{_path(operator_id)}/tokens"), _Tokens).tokens

    def issue(self, operator_id: str, wanted: Mapping[str, object]) -> CreatedToken:
        """Make one more token."""
        answer = self._client.send("POST", f"{_path(operator_id)}/tokens", json=wanted)
        return decoded(answer, CreatedToken)

    def rotate(self, operator_id: str, token_id: str, overlap_seconds: int) -> RotatedToken:
        """Make a token's successor; the token is good for that much longer."""
        wanted = {"overlap_seconds": overlap_seconds}
        answer = self._client.send("POST", f"{_token_path(operator_id, token_id)}/rotate", json=wanted)
        return decoded(answer, RotatedToken)

    def revoke(self, operator_id: str, token_id: str) -> None:
        """Revoke a token; nothing happens when it is revoked already."""
        self._client.send("DELETE", _token_path(operator_id, token_id))


def _path(operator_id: str) -> str:
    return f"{_ALL}/{quote(operator_id, safe='')}"


def _token_path(operator_id: str, token_id: str) -> str:
    return f"{_path(operator_id)}/tokens/{quote(token_id, safe='')}"
