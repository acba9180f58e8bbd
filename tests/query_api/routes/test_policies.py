"""Policies: created, listed, shown, put, deleted, tried."""

from typing import Any

import httpx
import pytest

from tests.query_api.api_process import ADMIN, TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

ALL = "/api/v1/policies"
ONE = f"{ALL}/build"
TEST = "/api/v1/policy-test"
TERMS: dict[str, Any] = {
    "description": "what build agents may do",
    "agents": ["build-*"],
    "allowed_tools": ["github", "search"],
    "constraints": {"github": {"actions": ["create_pr", "delete_branch"]}},
    "daily_cost_cap": {"amount": "25.5", "currency": "USD"},
    "autonomy_tier": 2,
    "high_risk_actions": [{"tool": "github", "action": "delete_*"}],
    "severities": {"daily_cost_cap": "high"},
}
DEFAULTS: dict[str, Any] = {
    "description": "",
    "agents": ["*"],
    "allowed_tools": None,
    "constraints": {},
    "daily_cost_cap": None,
    "autonomy_tier": 0,
    "high_risk_actions": [],
    "severities": {},
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


def create(query_api: QueryApiProcess, tenant: str, **terms: object) -> None:
    answer = ask(query_api, "POST", ALL, {"policy_id": "build", **terms}, tenant=tenant)
    assert answer.status_code == 201, answer.text


def test_a_policy_is_shown_as_it_was_created(query_api: QueryApiProcess) -> None:
    tenant = "policies-create"
    answer = ask(query_api, "POST", ALL, {"policy_id": "build", **TERMS}, tenant=tenant)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == ONE
    assert "promethios.policies.v1=" in answer.headers["x-promethios-control-offsets"]
    details = answer.json()
    assert {name: details[name] for name in TERMS} == TERMS
    assert (details["tenant_id"], details["version"], details["created_by"]) == (tenant, 1, "tests-admin")
    assert ask(query_api, "GET", ONE, token=VIEWER, tenant=tenant).json() == details
    assert ask(query_api, "GET", ALL, token=VIEWER, tenant=tenant).json() == {"policies": [details]}
    assert ask(query_api, "POST", ALL, {"policy_id": "build"}, tenant=tenant).status_code == 409


def test_what_is_put_replaces_all_that_was(query_api: QueryApiProcess) -> None:
    tenant = "policies-put"
    create(query_api, tenant, **TERMS)
    details = ask(query_api, "PUT", ONE, {}, tenant=tenant, version=1).json()
    assert {name: details[name] for name in DEFAULTS} == DEFAULTS
    assert details["version"] == 2
    outdated = ask(query_api, "PUT", ONE, TERMS, tenant=tenant, version=1)
    assert (outdated.status_code, outdated.json()["detail"]) == (
        409,
        "Its version is 2 by now: read it again.",
    )
    assert ask(query_api, "PUT", ONE, TERMS, tenant=tenant).json()["version"] == 3


def test_a_deleted_policy_is_gone_until_it_is_created_anew(query_api: QueryApiProcess) -> None:
    tenant = "policies-delete"
    create(query_api, tenant)
    assert ask(query_api, "DELETE", ONE, tenant=tenant).status_code == 204
    for method in ("GET", "DELETE"):
        assert ask(query_api, method, ONE, tenant=tenant).status_code == 404
    assert ask(query_api, "PUT", ONE, {}, tenant=tenant).status_code == 404
    assert ask(query_api, "GET", ALL, tenant=tenant).json() == {"policies": []}
    create(query_api, tenant)
    assert ask(query_api, "GET", ONE, tenant=tenant).json()["version"] == 3


def test_operators_see_and_change_what_is_theirs(query_api: QueryApiProcess) -> None:
    create(query_api, "policies-roles")
    for method, path, body in (("POST", ALL, {"policy_id": "x"}), ("PUT", ONE, {}), ("DELETE", ONE, None)):
        for token in (VIEWER, TENANT_ADMIN):
            answer = ask(query_api, method, path, body, token=token, tenant="policies-roles")
            assert answer.status_code == 403, (method, token)
    assert ask(query_api, "GET", ONE, token=TENANT_ADMIN, tenant="policies-roles").status_code == 403
    assert ask(query_api, "GET", ONE, token=TENANT_ADMIN).status_code == 404
    own = ask(query_api, "POST", ALL, {"policy_id": "build"}, token=TENANT_ADMIN)
    assert own.json()["tenant_id"] == TENANT


@pytest.mark.parametrize(
    ("terms", "field", "reason"),
    [
        ({"allowed_tool": ["x"]}, "allowed_tool", "Extra inputs"),
        ({"allowed_tools": ["x" * 257]}, "allowed_tools.0", "at most 256 characters"),
        ({"allowed_tools": [""]}, "allowed_tools.0", "at least 1 character"),
        ({"allowed_tools": ["x"] * 1001}, "allowed_tools", "at most 1000 items"),
        ({"agents": []}, "agents", "at least 1 item"),
        ({"agents": ["a b"]}, "agents.0", "match pattern"),
        ({"constraints": {"x": {"actions": []}}}, "constraints.x.actions", "at least 1 item"),
        ({"constraints": {"x": {"actions": ["y"], "hosts": []}}}, "constraints.x.hosts", "Extra inputs"),
        (
            {"allowed_tools": ["y"], "constraints": {"x": {"actions": ["z"]}}},
            "",
            "'x' is not among the allowed",
        ),
        ({"daily_cost_cap": {"amount": -1, "currency": "USD"}}, "daily_cost_cap.amount", "greater than or"),
        ({"daily_cost_cap": {"amount": "NaN", "currency": "USD"}}, "daily_cost_cap.amount", "finite number"),
        ({"daily_cost_cap": {"amount": 1, "currency": "usd"}}, "daily_cost_cap.currency", "match pattern"),
        ({"daily_cost_cap": {"amount": 1}}, "daily_cost_cap.currency", "Field required"),
        ({"autonomy_tier": 6}, "autonomy_tier", "less than or equal to 5"),
        ({"autonomy_tier": "1"}, "autonomy_tier", "valid integer"),
        ({"high_risk_actions": [{"name": "x"}]}, "high_risk_actions.0.name", "Extra inputs"),
        ({"severities": {"tool": "low"}}, "severities.tool.[key]", "'tool_not_allowed'"),
        ({"severities": {"daily_cost_cap": "bad"}}, "severities.daily_cost_cap", "'low', 'medium'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused_and_says_why(
    query_api: QueryApiProcess, terms: dict[str, object], field: str, reason: str
) -> None:
    answer = ask(query_api, "POST", ALL, {"policy_id": "refused", **terms}, tenant="policies-refused")
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert reason in error["reason"]


def test_an_amount_has_a_short_text_however_it_is_written(query_api: QueryApiProcess) -> None:
    cap = {"amount": "0E+999999999", "currency": "USD"}
    create(query_api, "policies-amount", daily_cost_cap=cap)
    shown = ask(query_api, "GET", ONE, tenant="policies-amount").json()
    assert shown["daily_cost_cap"] == {"amount": "0", "currency": "USD"}


def test_a_call_can_be_tried(query_api: QueryApiProcess) -> None:
    tenant = "policies-try"
    create(query_api, tenant, **TERMS)
    call = {"agent_id": "build-1", "tool": "github", "action": "delete_branch"}
    verdict = ask(query_api, "POST", TEST, call, token=VIEWER, tenant=tenant).json()
    assert verdict["decision"] == "needs_approval"
    (finding,) = verdict["findings"]
    assert finding.pop("explanation").startswith("'delete_branch' of the tool 'github' is a high-risk action")
    assert finding == {
        "policy_id": "build",
        "policy_version": 1,
        "rule": "high_risk_action",
        "severity": "high",
        "decision": "needs_approval",
    }
    others = ask(query_api, "POST", TEST, call | {"agent_id": "scout"}, tenant=tenant).json()
    assert others == {"decision": "allow", "findings": []}
    spent = call | {"action": "create_pr", "spent_today": {"amount": 25.51, "currency": "USD"}}
    verdict = ask(query_api, "POST", TEST, spent, tenant=tenant).json()
    assert (verdict["decision"], verdict["findings"][0]["severity"]) == ("deny", "high")


def test_a_policy_can_be_tried_before_it_is_put(query_api: QueryApiProcess) -> None:
    tenant = "policies-try-new"
    create(query_api, tenant, allowed_tools=["search"])
    call = {"agent_id": "build-1", "tool": "github"}
    instead = {"policy_id": "build", "allowed_tools": ["github"]}
    verdict = ask(query_api, "POST", TEST, call | {"policy": instead}, tenant=tenant).json()
    assert verdict["decision"] == "allow"
    beside = {"policy_id": "more", "allowed_tools": []}
    verdict = ask(query_api, "POST", TEST, call | {"policy": beside}, tenant=tenant).json()
    assert [(f["policy_id"], f["policy_version"]) for f in verdict["findings"]] == [("build", 1), ("more", 1)]
    assert ask(query_api, "GET", ONE, tenant=tenant).json()["version"] == 1
