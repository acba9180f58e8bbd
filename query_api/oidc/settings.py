"""Settings of the identity provider, from `PROMETHIOS_OIDC_…`; without them there is none."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from schemas.identity import ID_RULE, is_valid_id
from schemas.operators import Role

ALL_TENANTS = "*"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Whose tokens are taken, and what their claims say.

    `roles` has other names for roles; `tenant` is everybody's where it is set, ALL_TENANTS for all of them,
    else the claim says it.
    """

    issuer: str
    audience: str
    jwks_url: str
    role_claim: str
    tenant_claim: str
    roles: dict[str, Role] = field(default_factory=dict)
    tenant: str | None = None


class OidcSettings(BaseSettings):
    """The variables; mixed into a process's settings."""

    oidc_issuer: str | None = Field(default=None, description="`iss` of tokens that are taken")
    oidc_audience: str | None = Field(default=None, description="what their `aud` must name")
    oidc_roles: str = Field(default="", description="names in the claim for roles: `sre=operator,boss=admin`")
    oidc_role_claim: str = Field(default="promethios_role", min_length=1, description="a name or path, `a.b`")
    oidc_tenant_claim: str = Field(default="promethios_tenant", min_length=1, description="the same")
    oidc_tenant: str | None = Field(
        default=None, description="everybody's tenant, `*` for all; else the claim"
    )
    oidc_jwks_url: str | None = Field(
        default=None, validate_default=True, description="where the issuer's public keys are"
    )

    @field_validator("oidc_roles")
    @classmethod
    def _check_roles(cls, value: str) -> str:
        _roles(value)
        return value

    @field_validator("oidc_tenant")
    @classmethod
    def _check_tenant(cls, value: str | None) -> str | None:
        if value is not None and value != ALL_TENANTS and not is_valid_id(value):
            raise ValueError(f"must be {ALL_TENANTS} or {ID_RULE}")
        return value

    @field_validator("oidc_jwks_url")
    @classmethod
    def _check_all_or_none(cls, value: str | None, info: ValidationInfo) -> str | None:
        named = (value, info.data.get("oidc_issuer"), info.data.get("oidc_audience"))
        if any(named) and not all(named):
            raise ValueError(
                "PROMETHIOS_OIDC_ISSUER, PROMETHIOS_OIDC_AUDIENCE and PROMETHIOS_OIDC_JWKS_URL go together"
            )
        if value:
            parts = urlsplit(value)
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
                raise ValueError("must begin with https://: whoever changes the keys on the way is everybody")
        return value or None

    @property
    def provider(self) -> Provider | None:
        """The identity provider, if there is one."""
        if not (self.oidc_issuer and self.oidc_audience and self.oidc_jwks_url):
            return None
        return Provider(
            issuer=self.oidc_issuer,
            audience=self.oidc_audience,
            jwks_url=self.oidc_jwks_url,
            role_claim=self.oidc_role_claim,
            tenant_claim=self.oidc_tenant_claim,
            roles=_roles(self.oidc_roles),
            tenant=self.oidc_tenant,
        )


def _roles(text: str) -> dict[str, Role]:
    roles = {}
    for item in filter(None, (item.strip() for item in text.split(","))):
        name, separator, role = item.rpartition("=")
        if not separator or not name or role not in list(Role):
            raise ValueError(f"must look like name=role,name=role; roles are {', '.join(Role)}")
        roles[name] = Role(role)
    return roles
