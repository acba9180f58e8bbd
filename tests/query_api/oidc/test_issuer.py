"""Tokens of an identity provider with a key set of its own, through the running query API."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from query_api import errors
from query_api.oidc.issuer import Issuer
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.operators import Role
from tests.query_api.api_process import ADMIN, QueryApiProcess, bearer
from tests.query_api.oidc.identity_provider import (
    AUDIENCE,
    ISSUER,
    KeyServer,
    ec_key,
    key_server,
    key_set,
    provider,
    public_jwk,
    rsa_key,
    token,
)

OLD, NEW = rsa_key(), ec_key()


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server(key_set(public_jwk(OLD, "old"))) as running:
        yield running


@pytest.fixture
def trusting(
    server: KeyServer, control_kafka: KafkaAddress, clickhouse_url: str, tmp_path: Path
) -> Iterator[QueryApiProcess]:
    """A query API that trusts the provider."""
    process = QueryApiProcess(
        tmp_path,
        control_kafka,
        clickhouse_url,
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks_url=server.url,
        oidc_roles="sre=operator",
        oidc_role_claim="groups",
    ).start()
    yield process
    assert process.stop() == 0, process.log


async def test_who_cannot_be_judged_is_told_so() -> None:
    with key_server(b"") as gone:
        url = gone.url
    issuer = Issuer(provider(url))
    try:
        with pytest.raises(ProblemError) as unknown:
            await issuer.authenticate(token(OLD, "old"))
        assert unknown.value.kind is errors.ISSUER_AWAY
        with pytest.raises(ProblemError) as bad:
            await issuer.authenticate("a.b.c")
        assert bad.value.kind is errors.UNAUTHENTICATED
    finally:
        await issuer.stop()


async def test_a_token_makes_a_caller_of_its_tenant(server: KeyServer) -> None:
    issuer = Issuer(provider(server.url))
    try:
        caller = await issuer.authenticate(token(OLD, "old"))
        assert (caller.operator.role, caller.tenant_for(None)) == (Role.ANALYST, "acme")
        with pytest.raises(ProblemError) as other:
            caller.tenant_for("default")
        assert other.value.kind is errors.FORBIDDEN
        with pytest.raises(ProblemError) as unknown:
            await issuer.authenticate(token(OLD, "made-up"))
        assert unknown.value.kind is errors.UNAUTHENTICATED
    finally:
        await issuer.stop()


def ask(query_api: QueryApiProcess, text: str, path: str = "/api/v1/whoami") -> httpx.Response:
    return httpx.get(query_api.url + path, headers=bearer(text), timeout=60)


@pytest.mark.integration
def test_tokens_of_the_provider_are_taken_beside_our_own(
    trusting: QueryApiProcess, server: KeyServer
) -> None:
    told = ask(trusting, token(OLD, "old", groups=["staff", "sre"])).json()
    assert (told["operator_id"], told["role"], told["tenant_id"]) == ("oidc:ada", "operator", "acme")
    assert ask(trusting, ADMIN).json()["role"] == "admin"
    viewer = token(OLD, "old", groups=["viewer"])
    assert ask(trusting, viewer, "/api/v1/agents").status_code == 200
    assert ask(trusting, viewer, "/api/v1/operators").status_code == 403
    assert ask(trusting, viewer, "/api/v1/agents?tenant=other").status_code == 403
    refused = ask(trusting, token(OLD, "old", groups=["viewer"], aud="other"))
    assert (refused.status_code, refused.json()["tag"]) == (401, "unauthenticated")
    assert "another audience" in refused.json()["detail"]
    assert ask(trusting, token(OLD, "old", groups=["nothing"])).status_code == 403

    # The provider rotates its keys: the new one is fetched once a token names it.
    server.body = key_set(public_jwk(NEW, "new"))
    deadline = time.monotonic() + 60
    while ask(trusting, token(NEW, "new", groups="sre")).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert ask(trusting, token(OLD, "old", groups="sre")).status_code == 401

    # It hangs: what is known goes on at once.
    server.may_answer.clear()
    began = time.monotonic()
    assert ask(trusting, token(NEW, "new", groups="sre")).status_code == 200
    # Less than what is fetched is waited for.
    assert time.monotonic() - began < 3
