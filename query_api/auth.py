"""Who asks, and which tenant they may ask about."""

from dataclasses import dataclass

from query_api import errors
from query_api.directory import Directory
from runtime.problems import ProblemError
from schemas.control import DEFAULT_TENANT, Operator, Role
from schemas.identity import hash_secret

_SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """An operator who has shown a valid token."""

    operator: Operator

    def require_admin(self) -> None:
        """Let only admins pass.

        Raises:
            ProblemError: FORBIDDEN.
        """
        if self.operator.role is not Role.ADMIN:
            raise ProblemError(errors.FORBIDDEN, "Writing needs an operator with the role admin.")

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


def authenticate(authorization: str | None, directory: Directory) -> Caller:
    """The caller behind an Authorization header.

    Raises:
        ProblemError: UNAUTHENTICATED; no header, another scheme, or an unknown token.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != _SCHEME or not token.strip():
        raise ProblemError(errors.UNAUTHENTICATED, "Send `Authorization: Bearer <operator token>`.")
    operator = directory.operator(hash_secret(token.strip()))
    if operator is None:
        raise ProblemError(
            errors.UNAUTHENTICATED, "The token is not known: see admin.token in the data folder."
        )
    return Caller(operator)
