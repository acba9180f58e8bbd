"""Silences: created, listed, shown, put, deleted."""

import httpx
import pytest

from tests.query_api.api_process import ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

ALL = "/api/v1/alert-silences"
ONE = f"{ALL}/move"
TERMS = {
    "starts_at": "2026-01-31T12:00:00.000Z",
    "ends_at": "2026-01-31T14:00:00.000Z",
    "comment": "moving",
    "rules": ["error_*"],
    "agents": ["pay-*"],
    "labels": {"stage": "prod"},
}


def ask(
    query_api: QueryApiProcess,
    method: str,
    path: str,
    body: object = None,
    *,
    token: str = ADMIN,
    **query: str | int,
) -> httpx.Response:
    with query_api.client(token) as client:
        return client.request(method, path, json=body, params=query)


def test_a_silence_lives(query_api: QueryApiProcess) -> None:
    tenant = "silences"
    answer = ask(query_api, "POST", ALL, {"silence_id": "move", **TERMS}, tenant=tenant)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == ONE
    assert "promethios.alert-silences.v1=" in answer.headers["x-promethios-control-offsets"]
    details = answer.json()
    assert {name: details[name] for name in TERMS} == TERMS
    assert ask(query_api, "GET", ONE, token=VIEWER, tenant=tenant).json() == details
    assert ask(query_api, "GET", ALL, token=VIEWER, tenant=tenant).json() == {"silences": [details]}
    longer = TERMS | {"ends_at": "2026-01-31T15:00:00.000Z"}
    assert ask(query_api, "PUT", ONE, longer, tenant=tenant, version=1).json()["ends_at"] == longer["ends_at"]
    assert ask(query_api, "PUT", ONE, longer, tenant=tenant, version=1).status_code == 409
    assert ask(query_api, "DELETE", ONE, tenant=tenant).status_code == 204
    for method in ("GET", "DELETE"):
        assert ask(query_api, method, ONE, tenant=tenant).status_code == 404


def test_only_those_who_govern_may_silence(query_api: QueryApiProcess) -> None:
    answer = ask(query_api, "POST", ALL, {"silence_id": "x", **TERMS}, token=VIEWER)
    assert answer.status_code == 403


def test_what_never_holds_is_refused(query_api: QueryApiProcess) -> None:
    body = {"silence_id": "x", **TERMS, "ends_at": TERMS["starts_at"]}
    answer = ask(query_api, "POST", ALL, body, tenant="silences-bad")
    assert answer.status_code == 422
    assert "ends_at" in answer.text
