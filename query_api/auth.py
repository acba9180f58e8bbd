"""Who asks, what they may do, and which tenant they may ask about."""

from dataclasses import dataclass

from query_api import errors
from query_api.directory import Directory
from query_api.rights import LEAST_ROLE, Right, may
from runtime.problems import ProblemError
from schemas.control import DEFAULT_TENANT
from schemas.identity import KEY_PREFIX, hash_secret, is_mistyped_operator_token
from schemas.operators import Operator

_SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """An operator who has shown a token that is in force; `token_id` names it, where it is one of ours."""

    operator: Operator
    token_id: str | None = None

    def require(self, right: Right) -> None:
        """Let only those pass who have the right.

        Raises:
            ProblemError: FORBIDDEN.
        """
        if not may(self.operator.role, right):
            least = LEAST_ROLE[right]
            raise ProblemError(
                errors.FORBIDDEN,
                f"This needs an operator with the role {least}; {self.operator.operator_id} is a "
                f"{self.operator.role}.",
            )

    def tenant_for(self, asked: str | None) -> str:
        """The tenant that a request is about; `asked` is its `?tenant=`.

        Raises:
            ProblemError: FORBIDDEN; the operator belongs to another tenant.
        """
        own = self.operator.tenant_id
        if own is None:
            return asked or DEFAULT_TENANT
        if asked not in {None, own}:
            raise ProblemError(
                errors.FORBIDDEN, "This operator belongs to another tenant: leave out ?tenant=."
            )
        return own


def bearer_of(authorization: str | None) -> str:
    """The token of an Authorization header.

    Raises:
        ProblemError: UNAUTHENTICATED; there is no header, or it has another scheme.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != _SCHEME or not token.strip():
        raise ProblemError(errors.UNAUTHENTICATED, "Send `Authorization: Bearer <operator token>`.")
    return token.strip()


def authenticate(token: str, directory: Directory, now: int) -> Caller:
    """The caller behind an operator token at `now`, in milliseconds.

    Raises:
        ProblemError: UNAUTHENTICATED; the token is mistyped, unknown, revoked or has expired.
    """
    found = directory.operator_of_token(hash_secret(token))
    if found is None:
        raise ProblemError(errors.UNAUTHENTICATED, _why_unknown(token))
    if found.token.revoked_at is not None:
        raise ProblemError(errors.UNAUTHENTICATED, "The token is revoked: use another one.")
    if not found.token.in_force(now):
        raise ProblemError(errors.UNAUTHENTICATED, "The token has expired: ask an admin for a new one.")
    return Caller(found.operator, found.token.token_id)


def _why_unknown(token: str) -> str:
    """From the text alone: its checksum is no secret, and fitting it brings nobody closer to a token."""
    if is_mistyped_operator_token(token):
        return "The token was cut or mistyped: copy the whole of it again."
    if token.startswith(KEY_PREFIX):
        return "This is the key of an agent, good for its own log alone: send an operator's token."
    return "The token is not known: the first admin's is admin.token in the data folder."
