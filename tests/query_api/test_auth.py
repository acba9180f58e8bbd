"""Tokens name operators; tenants and roles bound what they may ask."""

import pytest

from query_api import errors
from query_api.auth import Caller, authenticate
from query_api.directory import Directory
from runtime.problems import ProblemError
from schemas.control import Operator, Role
from schemas.identity import hash_secret

EVERYWHERE = Operator("ada", hash_secret("secret"), Role.ADMIN, 1)
OF_ACME = Operator("bob", hash_secret("other"), Role.VIEWER, 1, "acme")


@pytest.fixture
def directory() -> Directory:
    directory = Directory()
    directory.apply("", "", EVERYWHERE)
    directory.apply("", "", OF_ACME)
    return directory


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER  secret "])
def test_a_known_token_names_its_operator(directory: Directory, header: str) -> None:
    assert authenticate(header, directory).operator == EVERYWHERE


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic secret", "secret", "Bearer wrong", "Bearer sécret"]
)
def test_everything_else_is_refused(directory: Directory, header: str | None) -> None:
    with pytest.raises(ProblemError) as refused:
        authenticate(header, directory)
    assert refused.value.kind is errors.UNAUTHENTICATED
    assert refused.value.headers()["www-authenticate"] == "Bearer"


def test_the_hash_is_not_a_token(directory: Directory) -> None:
    with pytest.raises(ProblemError):
        authenticate(f"Bearer {EVERYWHERE.token_hash}", directory)


@pytest.mark.parametrize(("asked", "tenant"), [(None, "default"), ("acme", "acme"), ("x", "x")])
def test_an_operator_of_all_tenants_says_which(asked: str | None, tenant: str) -> None:
    assert Caller(EVERYWHERE).tenant_for(asked) == tenant


@pytest.mark.parametrize("asked", [None, "acme"])
def test_an_operator_of_one_tenant_has_that_one(asked: str | None) -> None:
    assert Caller(OF_ACME).tenant_for(asked) == "acme"


@pytest.mark.parametrize("asked", ["default", "other", "ACME"])
def test_an_operator_of_one_tenant_gets_no_other(asked: str) -> None:
    with pytest.raises(ProblemError) as refused:
        Caller(OF_ACME).tenant_for(asked)
    assert refused.value.kind is errors.FORBIDDEN


def test_only_an_admin_may_write() -> None:
    Caller(EVERYWHERE).require_admin()
    with pytest.raises(ProblemError) as refused:
        Caller(OF_ACME).require_admin()
    assert refused.value.kind is errors.FORBIDDEN
