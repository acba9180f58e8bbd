"""What the variables of the identity provider must be."""

import pytest
from pydantic import ValidationError

from query_api.oidc.settings import OidcSettings
from schemas.operators import Role

GOOD = {
    "oidc_issuer": "https://login.example.com/",
    "oidc_audience": "promethios",
    "oidc_jwks_url": "https://login.example.com/keys",
}


def test_without_any_there_is_no_provider() -> None:
    assert OidcSettings.model_validate({}).provider is None
    assert OidcSettings.model_validate(dict.fromkeys(GOOD, "")).provider is None


def test_all_three_make_one() -> None:
    provider = OidcSettings.model_validate({**GOOD, "oidc_roles": "a=b=admin, sre=operator"}).provider
    assert provider is not None
    assert provider.roles == {"a=b": Role.ADMIN, "sre": Role.OPERATOR}
    assert (provider.role_claim, provider.tenant_claim) == ("promethios_role", "promethios_tenant")


@pytest.mark.parametrize(
    "wrong",
    [
        {name: value for name, value in GOOD.items() if name != "oidc_issuer"},
        {name: value for name, value in GOOD.items() if name != "oidc_audience"},
        {name: value for name, value in GOOD.items() if name != "oidc_jwks_url"},
        {**GOOD, "oidc_jwks_url": "http://login.example.com/keys"},
        {**GOOD, "oidc_jwks_url": "file:///etc/passwd"},
        {**GOOD, "oidc_roles": "sre"},
        {**GOOD, "oidc_roles": "sre=root"},
        {**GOOD, "oidc_roles": "=admin"},
        {**GOOD, "oidc_tenant": "a/b"},
        {**GOOD, "oidc_role_claim": ""},
    ],
    ids=range(10),
)
def test_everything_else_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OidcSettings.model_validate(wrong)


def test_keys_come_in_the_clear_from_this_machine_only() -> None:
    assert OidcSettings.model_validate({**GOOD, "oidc_jwks_url": "http://127.0.0.1:8000/keys"}).provider
