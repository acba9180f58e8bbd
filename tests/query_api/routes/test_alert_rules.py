"""Alert rules: listed with the defaults, created, put, deleted."""

from typing import Any

import httpx
import pytest

from alert_engine.defaults import DEFAULT_TERMS
from tests.query_api.api_process import ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

ALL = "/api/v1/alert-rules"
ONE = f"{ALL}/mine"
TERMS: dict[str, Any] = {
    "metric": "error_rate",
    "condition": {"kind": "threshold", "value": 0.2, "operator": "at_least", "escalations": []},
    "scope": {"kind": "agent", "agents": ["pay-*"], "labels": {"team": "payments"}},
    "for_seconds": 60,
    "severity": "high",
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


def test_the_defaults_are_there_from_the_start(query_api: QueryApiProcess) -> None:
    rules = ask(query_api, "GET", ALL, token=VIEWER, tenant="rules-list").json()["rules"]
    assert [rule["rule_id"] for rule in rules] == sorted(DEFAULT_TERMS)
    assert {(rule["version"], rule["is_default"], rule["created_at"]) for rule in rules} == {(0, True, None)}


def test_a_rule_is_created_changed_and_deleted(query_api: QueryApiProcess) -> None:
    tenant = "rules-own"
    answer = ask(query_api, "POST", ALL, {"rule_id": "mine", **TERMS}, tenant=tenant)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == ONE
    assert "promethios.alert-rules.v1=" in answer.headers["x-promethios-control-offsets"]
    details = answer.json()
    assert {name: details[name] for name in TERMS} == TERMS
    assert ask(query_api, "GET", ONE, token=VIEWER, tenant=tenant).json() == details
    assert ask(query_api, "POST", ALL, {"rule_id": "mine", **TERMS}, tenant=tenant).status_code == 409
    changed = ask(query_api, "PUT", ONE, TERMS | {"enabled": False}, tenant=tenant, version=1).json()
    assert (changed["version"], changed["enabled"]) == (2, False)
    assert ask(query_api, "PUT", ONE, TERMS, tenant=tenant, version=1).status_code == 409
    assert ask(query_api, "DELETE", ONE, tenant=tenant).status_code == 204
    assert ask(query_api, "GET", ONE, tenant=tenant).status_code == 404
    assert ask(query_api, "PUT", ONE, TERMS, tenant=tenant).status_code == 404


def test_a_default_is_put_and_when_deleted_is_as_it_was(query_api: QueryApiProcess) -> None:
    tenant, one = "rules-default", f"{ALL}/error_rate"
    before = ask(query_api, "GET", one, tenant=tenant).json()
    refused = ask(query_api, "DELETE", one, tenant=tenant)
    assert (refused.status_code, "put it with" in refused.json()["detail"]) == (409, True)
    changed = ask(query_api, "PUT", one, TERMS, tenant=tenant, version=0).json()
    assert (changed["version"], changed["is_default"], changed["created_by"]) == (1, True, "tests-admin")
    assert ask(query_api, "PUT", one, TERMS, tenant=tenant, version=0).status_code == 409
    assert ask(query_api, "DELETE", one, tenant=tenant).status_code == 204
    assert ask(query_api, "GET", one, tenant=tenant).json() == before


def test_only_those_who_govern_may_change(query_api: QueryApiProcess) -> None:
    for method, path in (("POST", ALL), ("PUT", f"{ALL}/error_rate"), ("DELETE", f"{ALL}/error_rate")):
        body = None if method == "DELETE" else {"rule_id": "x", **TERMS}
        assert ask(query_api, method, path, body, token=VIEWER).status_code == 403


def test_what_cannot_be_is_refused_and_says_why(query_api: QueryApiProcess) -> None:
    for change in ({"windows": 5}, {"scope": {"kind": "total"}, "metric": "offline"}, {"metric": "spend"}):
        answer = ask(query_api, "POST", ALL, {"rule_id": "bad", **TERMS, **change}, tenant="rules-bad")
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"]
