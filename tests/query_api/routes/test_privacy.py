"""Privacy policies: put, shown, tried; the key for hashing is nobody's to see."""

from typing import Any

import httpx
import pytest

from tests.query_api.api_process import ADMIN, TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

DEFAULTS = {
    "personal_data": "off",
    "secrets": "mask",
    "own_patterns": "mask",
    "min_log_level": "debug",
    "patterns": [],
}
UNSAID = {"personal_data": None, "secrets": None, "own_patterns": None, "min_log_level": None}
STAFF = {"name": "staff-number", "pattern": r"\bE-\d{5}\b"}


def put(
    query_api: QueryApiProcess, path: str, policy: object, *, token: str = ADMIN, **query: str
) -> httpx.Response:
    with query_api.client(token) as client:
        return client.put(path, json=policy, params=query)


def get(query_api: QueryApiProcess, path: str, *, token: str = ADMIN, **query: str) -> Any:  # noqa: ANN401 - JSON
    with query_api.client(token) as client:
        answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def tried(query_api: QueryApiProcess, body: object, **query: str) -> httpx.Response:
    with query_api.client() as client:
        return client.post("/api/v1/privacy/test", json=body, params=query)


def test_without_a_policy_the_default_is_in_force(query_api: QueryApiProcess) -> None:
    shown = get(query_api, "/api/v1/privacy", token=VIEWER, tenant="privacy-none")
    assert shown == {"tenant_id": "privacy-none", "policy": UNSAID | {"patterns": []}, "in_force": DEFAULTS}


def test_what_is_put_is_in_force_and_the_key_is_not_shown(query_api: QueryApiProcess) -> None:
    policy = {"personal_data": "hash", "min_log_level": "warn", "patterns": [STAFF]}
    answer = put(query_api, "/api/v1/privacy", policy, tenant="privacy-put")
    assert answer.status_code == 200, answer.text
    assert answer.json()["policy"] == UNSAID | policy
    assert answer.json()["in_force"] == DEFAULTS | policy
    assert "promethios.privacy-policies.v1=" in answer.headers["x-promethios-control-offsets"]
    assert answer.json() == get(query_api, "/api/v1/privacy", tenant="privacy-put")
    assert "key" not in answer.text


def test_what_is_put_replaces_what_was(query_api: QueryApiProcess) -> None:
    put(query_api, "/api/v1/privacy", {"secrets": "off"}, tenant="privacy-again")
    put(query_api, "/api/v1/privacy", {"personal_data": "mask"}, tenant="privacy-again")
    in_force = get(query_api, "/api/v1/privacy", tenant="privacy-again")["in_force"]
    assert in_force == DEFAULTS | {"personal_data": "mask"}


def test_an_agents_policy_counts_more_than_its_tenants(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "scout"}, params={"tenant": "privacy-agent"})
    path = "/api/v1/agents/scout/privacy"
    put(query_api, "/api/v1/privacy", {"personal_data": "mask", "patterns": [STAFF]}, tenant="privacy-agent")
    answer = put(query_api, path, {"personal_data": "off", "min_log_level": "error"}, tenant="privacy-agent")
    assert answer.status_code == 200, answer.text
    shown = get(query_api, path, tenant="privacy-agent")
    assert shown == answer.json()
    assert shown["policy"] == UNSAID | {"personal_data": "off", "min_log_level": "error"}
    assert shown["in_force"] == DEFAULTS | {"min_log_level": "error", "patterns": [STAFF]}
    assert put(query_api, path, {}, tenant="privacy-agent").json()["in_force"]["personal_data"] == "mask"


def test_operators_change_what_is_theirs(query_api: QueryApiProcess) -> None:
    assert put(query_api, "/api/v1/privacy", {}, token=VIEWER).status_code == 403
    assert put(query_api, "/api/v1/privacy", {}, token=TENANT_ADMIN, tenant="other").status_code == 403
    assert put(query_api, "/api/v1/privacy", {}, token=TENANT_ADMIN).json()["tenant_id"] == TENANT
    assert put(query_api, "/api/v1/agents/nobody/privacy", {}).status_code == 404


@pytest.mark.parametrize(
    ("policy", "field", "reason"),
    [
        ({"personal": "mask"}, "personal", "Extra inputs"),
        ({"personal_data": "hide"}, "personal_data", "'off', 'mask' or 'hash'"),
        ({"min_log_level": "trace"}, "min_log_level", "'debug', 'info', 'warn' or 'error'"),
        ({"patterns": [{"name": "x", "pattern": "("}]}, "patterns", "x: missing ): ( (the syntax is RE2's"),
        ({"patterns": [{"name": "x", "pattern": "a" * 501}]}, "patterns", "x: at most 500 characters"),
        ({"patterns": [{"name": "Email", "pattern": "a"}]}, "patterns", "a pattern's name has 1 to 32"),
        ({"patterns": [STAFF] * 33}, "patterns", "at most 32 items"),
        ({"patterns": [STAFF] * 2}, "patterns", "two patterns of this name"),
        ({"hash_key": "00"}, "hash_key", "Extra inputs"),
    ],
)
def test_what_cannot_be_is_refused_and_says_why(
    query_api: QueryApiProcess, policy: dict[str, object], field: str, reason: str
) -> None:
    answer = put(query_api, "/api/v1/privacy", policy, tenant="privacy-refused")
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert reason in error["reason"]


def test_an_agent_has_no_patterns_of_its_own(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "patterned"})
    assert put(query_api, "/api/v1/agents/patterned/privacy", {"patterns": [STAFF]}).status_code == 422


def test_a_policy_can_be_tried(query_api: QueryApiProcess) -> None:
    put(query_api, "/api/v1/privacy", {"personal_data": "mask"}, tenant="privacy-try")
    value = {"text": "a@b.co E-12345", "password": "x"}
    in_force = tried(query_api, {"value": value}, tenant="privacy-try")
    assert in_force.json() == {"value": {"text": "[email] E-12345", "password": "[secret]"}}
    other = tried(query_api, {"value": value, "policy": {"secrets": "off", "patterns": [STAFF]}})
    assert other.json() == {"value": {"text": "a@b.co [staff-number]", "password": "x"}}


def test_a_hash_that_is_tried_does_not_help_to_guess(query_api: QueryApiProcess) -> None:
    body = {"value": "+49 30 1234567", "policy": {"personal_data": "hash"}}
    first, second = (tried(query_api, body).json()["value"] for _ in range(2))
    assert first.startswith("[phone:")
    assert first != second


@pytest.mark.parametrize("content", [b'{"value":"\\ud800"}', b'{"value":' + b"[" * 100 + b"]" * 100 + b"}"])
def test_what_no_agent_could_report_cannot_be_tried(query_api: QueryApiProcess, content: bytes) -> None:
    with query_api.client() as client:
        answer = client.post(
            "/api/v1/privacy/test", content=content, headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 422, answer.text
