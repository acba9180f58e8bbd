"""Operators and their tokens, through the running query API, and in two of its processes."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from query_api.rights import Right
from runtime.settings import KafkaAddress
from schemas.operators import Role
from tests.query_api.api_process import (
    ADMIN,
    TENANT,
    TENANT_ADMIN,
    TOKENS,
    QueryApiProcess,
    bearer,
)

pytestmark = pytest.mark.integration

ALL = "/api/v1/operators"
# Two seconds are required; as a busy machine may need more, this is the gate.
IN_FORCE_SECONDS = 60.0


def new_id() -> str:
    return f"op-{uuid.uuid4().hex[:8]}"


def create(query_api: QueryApiProcess, token: str = ADMIN, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    wanted = {"operator_id": new_id(), "role": "viewer", **body}
    tenant = {"tenant": wanted.pop("tenant")} if "tenant" in wanted else {}
    with query_api.client(token) as client:
        return client.post(ALL, json=wanted, params=tenant)


@pytest.fixture
def other_process(
    control_kafka: KafkaAddress, clickhouse_url: str, tmp_path: Path
) -> Iterator[QueryApiProcess]:
    """A second process of the same query API."""
    process = QueryApiProcess(tmp_path, control_kafka, clickhouse_url).start()
    yield process
    assert process.stop() == 0, process.log


def status_of(query_api: QueryApiProcess, token: str) -> int:
    return httpx.get(f"{query_api.url}/api/v1/whoami", headers=bearer(token), timeout=60).status_code


def wait_for_status(query_api: QueryApiProcess, token: str, status: int) -> None:
    """Wait until a process answers the token so."""
    deadline = time.monotonic() + IN_FORCE_SECONDS
    while status_of(query_api, token) != status:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("role", Role)
def test_everybody_may_ask_who_they_are(query_api: QueryApiProcess, role: Role) -> None:
    with query_api.client(TOKENS[role]) as client:
        told = client.get("/api/v1/whoami").json()
    assert (told["operator_id"], told["tenant_id"], told["role"]) == (f"tests-{role}", None, role)
    assert (Right.MANAGE_OPERATORS in told["rights"]) is (role is Role.ADMIN)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_operators_are_for_admins(query_api: QueryApiProcess, role: Role) -> None:
    one = f"{ALL}/tests-viewer"
    with query_api.client(TOKENS[role]) as client:
        answers = [
            client.get(ALL),
            client.post(ALL, json={"operator_id": new_id(), "role": "viewer"}),
            client.get(one),
            client.patch(one, json={"role": "admin"}),
            client.delete(one),
            client.get(f"{one}/tokens"),
            client.post(f"{one}/tokens"),
            client.delete(f"{one}/tokens/x"),
            client.post(f"{one}/tokens/x/rotate"),
        ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)


def test_a_change_comes_into_force_in_every_process(
    query_api: QueryApiProcess, other_process: QueryApiProcess
) -> None:
    created = create(query_api).json()
    token, path = created["first_token"]["token"], f"{ALL}/{created['operator_id']}"
    wait_for_status(other_process, token, 200)
    with query_api.client() as client, other_process.client(token) as theirs:
        assert theirs.get(ALL).status_code == 403
        client.patch(path, json={"role": "admin"})
        deadline = time.monotonic() + IN_FORCE_SECONDS
        while theirs.get(ALL).status_code != 200:
            assert time.monotonic() < deadline
        rotated = client.post(
            f"{path}/tokens/{created['first_token']['token_id']}/rotate", json={"overlap_seconds": 0}
        ).json()
        wait_for_status(other_process, token, 401)
        wait_for_status(other_process, rotated["token"], 200)
        assert client.delete(f"{path}/tokens/{rotated['token_id']}").status_code == 204
        wait_for_status(other_process, rotated["token"], 401)
        another = client.post(f"{path}/tokens").json()["token"]
        wait_for_status(other_process, another, 200)
        assert client.delete(path).status_code == 204
        wait_for_status(other_process, another, 401)
        assert client.get(path).status_code == 404


def test_texts_are_shown_once_and_tokens_are_described(query_api: QueryApiProcess) -> None:
    answer = create(query_api, name="Ada")
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["location"] == f"{ALL}/{answer.json()['operator_id']}"
    first = answer.json()["first_token"]
    path = f"{ALL}/{answer.json()['operator_id']}"
    with query_api.client() as client:
        second = client.post(f"{path}/tokens", json={"name": "ci"})
        rotated = client.post(f"{path}/tokens/{first['token_id']}/rotate").json()
        listed = client.get(f"{path}/tokens")
        shown = client.get(path)
    assert second.headers["cache-control"] == "no-store"
    assert "promethios-operator_" not in listed.text + shown.text
    assert "hash" not in listed.text + shown.text
    tokens = listed.json()["tokens"]
    assert [(t["name"], t["rotated_from"]) for t in tokens] == [
        ("", None),
        ("ci", None),
        ("", first["token_id"]),
    ]
    assert {t["created_by"] for t in tokens} == {"tests-admin"}
    assert tokens[0] == rotated["predecessor"]
    assert shown.json()["tenant_id"] == "default"


def test_the_last_use_of_a_token_is_known(query_api: QueryApiProcess) -> None:
    created = create(query_api).json()
    assert status_of(query_api, created["first_token"]["token"]) == 200
    deadline = time.monotonic() + 120
    with query_api.client() as client:
        while (
            client.get(f"{ALL}/{created['operator_id']}/tokens").json()["tokens"][0]["last_used_at"] is None
        ):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_an_admin_of_a_tenant_has_the_operators_of_that_tenant_only(query_api: QueryApiProcess) -> None:
    own = create(query_api, TENANT_ADMIN, role="admin")
    assert own.json()["tenant_id"] == TENANT
    stranger = create(query_api, tenant="other").json()["operator_id"]
    everywhere = create(query_api, all_tenants=True).json()
    assert everywhere["tenant_id"] is None
    with query_api.client(TENANT_ADMIN) as client:
        listed = client.get(ALL).json()["operators"]
        assert {operator["tenant_id"] for operator in listed} == {TENANT}
        assert own.json()["operator_id"] in {operator["operator_id"] for operator in listed}
        for operator_id in (stranger, everywhere["operator_id"], "tests-admin"):
            path = f"{ALL}/{operator_id}"
            assert client.get(path).status_code == 404
            assert client.delete(path).status_code == 404
            assert client.post(f"{path}/tokens").status_code == 404
        assert client.get(ALL, params={"tenant": "other"}).status_code == 403
    assert create(query_api, TENANT_ADMIN, all_tenants=True).status_code == 403
    assert create(query_api, TENANT_ADMIN, tenant="other").status_code == 403


def test_an_admin_of_all_tenants_may_ask_for_one(query_api: QueryApiProcess) -> None:
    of_other = create(query_api, tenant="other").json()["operator_id"]
    with query_api.client() as client:
        everybody = {found["operator_id"] for found in client.get(ALL).json()["operators"]}
        some = client.get(ALL, params={"tenant": "other"}).json()["operators"]
    assert {"tests-admin", of_other} <= everybody
    assert of_other in {found["operator_id"] for found in some}
    assert {found["tenant_id"] for found in some} == {"other"}


def test_bad_requests_are_told_what_is_wrong(query_api: QueryApiProcess) -> None:
    taken = create(query_api).json()["operator_id"]
    assert create(query_api, operator_id=taken).status_code == 409
    assert create(query_api, role="root").status_code == 422
    with query_api.client() as client:
        assert client.get(f"{ALL}/nobody").status_code == 404
        assert client.delete(f"{ALL}/{taken}/tokens/none").status_code == 404
        assert client.post(f"{ALL}/{taken}/tokens", json={"expires_at": "2999-01-01"}).status_code == 422
