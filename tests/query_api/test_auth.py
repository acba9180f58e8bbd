"""Tokens name operators; tenants and roles bound what they may ask."""

import msgspec
import pytest

from query_api import errors
from query_api.auth import Caller, authenticate, bearer_of
from query_api.directory import Directory
from query_api.rights import Right
from runtime.problems import ProblemError
from schemas.identity import hash_secret, new_operator_token
from schemas.operators import Operator, OperatorToken, Role

EXPIRY = 1_000
TOKENS = (
    OperatorToken("t1", hash_secret("secret"), 1),
    OperatorToken("t2", hash_secret("short"), 1, expires_at=EXPIRY),
    OperatorToken("t3", hash_secret("revoked"), 1, revoked_at=2),
)
EVERYWHERE = Operator("ada", Role.ADMIN, 1, tokens=TOKENS)
OF_ACME = Operator("bob", Role.VIEWER, 1, "acme")


@pytest.fixture
def directory() -> Directory:
    directory = Directory()
    directory.apply("", "", EVERYWHERE)
    directory.apply("", "", OF_ACME)
    return directory


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER  secret "])
def test_a_bearer_token_is_read(header: str) -> None:
    assert bearer_of(header) == "secret"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic secret", "secret"])
def test_other_headers_are_refused(header: str | None) -> None:
    with pytest.raises(ProblemError) as refused:
        bearer_of(header)
    assert refused.value.kind is errors.UNAUTHENTICATED
    assert refused.value.headers()["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("token", "now"), [("secret", 2), ("secret", 10**15), ("short", EXPIRY - 1)])
def test_each_token_in_force_names_its_operator(directory: Directory, token: str, now: int) -> None:
    assert authenticate(token, directory, now).operator == EVERYWHERE


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("wrong", "not known"),
        ("sécret", "not known"),
        (hash_secret("secret"), "not known"),
        (new_operator_token(), "not known"),
        (new_operator_token()[:-1], "cut or mistyped"),
        ("promethios_scout-1_0123", "key of an agent"),
        ("short", "expired"),
        ("revoked", "revoked"),
    ],
    # Random tokens have no place in a test's name: all processes have to find the same tests.
    ids=["wrong", "not-ascii", "hash", "unknown", "cut", "of-an-agent", "expired", "revoked"],
)
def test_every_other_token_is_refused_and_told_why(directory: Directory, token: str, said: str) -> None:
    with pytest.raises(ProblemError, match=said) as refused:
        authenticate(token, directory, EXPIRY)
    assert refused.value.kind is errors.UNAUTHENTICATED


def test_nobody_is_let_in_by_a_removed_operators_token(directory: Directory) -> None:
    directory.apply("", "", msgspec.structs.replace(EVERYWHERE, tokens=(), removed_at=3))
    with pytest.raises(ProblemError):
        authenticate("secret", directory, 4)


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


def test_who_lacks_the_right_is_told_which_role_has_it() -> None:
    Caller(EVERYWHERE).require(Right.GOVERN)
    Caller(OF_ACME).require(Right.READ)
    with pytest.raises(ProblemError, match="role operator; bob is a viewer") as refused:
        Caller(OF_ACME).require(Right.GOVERN)
    assert refused.value.kind is errors.FORBIDDEN
