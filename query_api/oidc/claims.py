"""Which operator the claims of a token make; pure."""

from collections.abc import Mapping
from typing import Any

from query_api import errors
from query_api.oidc.settings import ALL_TENANTS, Provider
from runtime.problems import ProblemError
from schemas.identity import is_valid_id
from schemas.operators import Operator, Role

# Before the subject, so that nobody is taken for an operator of ours who has the same id.
ID_PREFIX = "oidc:"


def operator_of(claims: Mapping[str, Any], provider: Provider) -> Operator:
    """The operator; of several roles the one that may most counts.

    Raises:
        ProblemError: FORBIDDEN; the claims name no role, or no tenant.
    """
    return Operator(
        operator_id=f"{ID_PREFIX}{claims['sub']}",
        role=_role(claims, provider),
        created_at=0,
        tenant_id=_tenant(claims, provider),
    )


def claim(claims: Mapping[str, Any], name: str) -> object:
    """A claim by its name, or by a path of names joined by dots; None where there is none."""
    if name in claims:
        return claims[name]
    found: object = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _role(claims: Mapping[str, Any], provider: Provider) -> Role:
    found = claim(claims, provider.role_claim)
    names = found if isinstance(found, list) else [found]
    known = {role.value: role for role in Role} | provider.roles
    roles = [known[name] for name in names if isinstance(name, str) and name in known]
    if not roles:
        raise ProblemError(
            errors.FORBIDDEN, f"The token's claim {provider.role_claim} names no role: {', '.join(Role)}."
        )
    return max(roles, key=list(Role).index)


def _tenant(claims: Mapping[str, Any], provider: Provider) -> str | None:
    tenant = provider.tenant or claim(claims, provider.tenant_claim)
    if tenant == ALL_TENANTS:
        return None
    if not isinstance(tenant, str) or not is_valid_id(tenant):
        raise ProblemError(
            errors.FORBIDDEN,
            f"The token's claim {provider.tenant_claim} names no tenant, nor {ALL_TENANTS} for all.",
        )
    return tenant
