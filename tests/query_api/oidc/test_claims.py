"""Roles and tenants out of claims, as providers word them."""

from typing import Any

import pytest

from query_api import errors
from query_api.oidc.claims import claim, operator_of
from runtime.problems import ProblemError
from schemas.operators import Role
from tests.query_api.oidc.identity_provider import claims, provider


def test_an_operator_is_made_of_claims() -> None:
    operator = operator_of(claims(), provider())
    assert (operator.operator_id, operator.role, operator.tenant_id) == ("oidc:ada", Role.ANALYST, "acme")
    assert operator.tokens == ()


@pytest.mark.parametrize(
    ("found", "role"),
    [
        ("viewer", Role.VIEWER),
        (["viewer", "operator", "analyst"], Role.OPERATOR),
        (["something", 5, None, "viewer"], Role.VIEWER),
        (["sre"], Role.OPERATOR),
        ("boss", Role.ADMIN),
    ],
    ids=str,
)
def test_of_several_roles_the_one_that_may_most_counts(found: object, role: Role) -> None:
    named = provider(roles={"sre": Role.OPERATOR, "boss": Role.ADMIN})
    assert operator_of(claims(promethios_role=found), named).role is role


@pytest.mark.parametrize("found", [None, "root", "Admin", [], ["root"], 5, {"admin": True}], ids=str)
def test_without_a_role_nobody_comes_in(found: object) -> None:
    with pytest.raises(ProblemError, match="names no role") as refused:
        operator_of(claims(promethios_role=found), provider())
    assert refused.value.kind is errors.FORBIDDEN


@pytest.mark.parametrize("found", [None, "", "a/b", 5, ["acme"], "x" * 129, "**"], ids=str)
def test_without_a_tenant_nobody_comes_in(found: object) -> None:
    with pytest.raises(ProblemError, match="names no tenant") as refused:
        operator_of(claims(promethios_tenant=found), provider())
    assert refused.value.kind is errors.FORBIDDEN


def test_all_tenants_have_to_be_said() -> None:
    assert operator_of(claims(promethios_tenant="*"), provider()).tenant_id is None
    assert operator_of(claims(promethios_tenant=None), provider(tenant="*")).tenant_id is None
    # What is set for everybody goes before what a token says.
    assert operator_of(claims(promethios_tenant="*"), provider(tenant="acme")).tenant_id == "acme"


NESTED = {"realm_access": {"roles": ["viewer"]}, "https://example.com/role": "admin", "a": [1]}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("realm_access.roles", ["viewer"]),
        ("https://example.com/role", "admin"),
        ("realm_access.none", None),
        ("a.b", None),
        ("", None),
    ],
)
def test_claims_are_found_by_name_or_path(name: str, found: Any) -> None:  # noqa: ANN401 - as JSON has them
    assert claim(NESTED, name) == found
