"""Webhooks over HTTP: made, shown without secrets, changed, rotated, tested, deleted; deliveries listed."""

import time
import uuid
from typing import Any

import httpx
import pytest

from schemas.webhooks import DeliveryOutcome, WebhookDelivery
from tests.query_api.api_process import ADMIN, TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

PATH = "/api/v1/webhooks"
URL = "https://example.com/hook"


@pytest.fixture
def tenant() -> str:
    return f"webhooks-{uuid.uuid4().hex}"


def ask(
    query_api: QueryApiProcess,
    method: str,
    path: str = "",
    body: object = None,
    *,
    token: str = ADMIN,
    **query: str,
) -> httpx.Response:
    with query_api.client(token) as client:
        return client.request(method, PATH + path, json=body, params=query)


def created(query_api: QueryApiProcess, tenant: str, **fields: object) -> dict[str, Any]:
    answer = ask(query_api, "POST", "", {"url": URL, **fields}, tenant=tenant)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_new_webhook_shows_its_secret_once(query_api: QueryApiProcess, tenant: str) -> None:
    answer = ask(query_api, "POST", "", {"url": URL, "min_severity": "high"}, tenant=tenant)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "promethios.webhooks.v1=" in answer.headers["x-promethios-control-offsets"]
    webhook = answer.json()
    assert webhook.pop("secret").startswith("whsec_")
    assert (webhook["url"], webhook["min_severity"], webhook["created_by"]) == (URL, "high", "tests-admin")
    one = ask(query_api, "GET", f"/{webhook['webhook_id']}", tenant=tenant)
    assert one.json() == webhook
    assert ask(query_api, "GET", tenant=tenant).json() == {"webhooks": [webhook]}


def test_a_change_a_rotation_and_a_test(query_api: QueryApiProcess, tenant: str) -> None:
    webhook = created(query_api, tenant)
    path = f"/{webhook['webhook_id']}"
    changed = ask(query_api, "PATCH", path, {"enabled": False, "name": "ops"}, tenant=tenant)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["enabled"], changed.json()["name"], changed.json()["url"]) == (False, "ops", URL)
    rotated = ask(query_api, "POST", f"{path}/rotate", {"overlap_seconds": 60}, tenant=tenant)
    assert rotated.status_code == 201, rotated.text
    assert rotated.headers["cache-control"] == "no-store"
    assert rotated.json()["secret"] != webhook["secret"]
    assert len(rotated.json()["secrets_expire_at"]) == 1
    assert "secret" not in ask(query_api, "GET", path, tenant=tenant).json()
    tested = ask(query_api, "POST", f"{path}/test", tenant=tenant)
    assert tested.status_code == 202, tested.text
    uuid.UUID(tested.json()["notification_id"])


def test_a_deleted_webhook_is_not_there(query_api: QueryApiProcess, tenant: str) -> None:
    path = f"/{created(query_api, tenant)['webhook_id']}"
    assert ask(query_api, "DELETE", path, tenant=tenant).status_code == 204
    for method, suffix in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/rotate"),
        ("POST", "/test"),
    ):
        answer = ask(query_api, method, path + suffix, {} if method == "PATCH" else None, tenant=tenant)
        assert answer.status_code == 404, (method, suffix)
    assert ask(query_api, "GET", f"{path}/deliveries", tenant=tenant).status_code == 404


@pytest.mark.parametrize("token", [VIEWER, TENANT_ADMIN], ids=["viewer", "admin-of-another-tenant"])
def test_webhooks_are_for_who_governs_the_tenant(query_api: QueryApiProcess, tenant: str, token: str) -> None:
    path = f"/{created(query_api, tenant)['webhook_id']}"
    for method, where, body in (
        ("GET", "", None),
        ("POST", "", {"url": URL}),
        ("GET", path, None),
        ("PATCH", path, {}),
        ("DELETE", path, None),
        ("POST", f"{path}/rotate", None),
        ("POST", f"{path}/test", None),
        ("GET", f"{path}/deliveries", None),
    ):
        answer = ask(query_api, method, where, body, token=token, tenant=tenant)
        assert answer.status_code == 403, (method, where)


def test_an_admin_of_a_tenant_has_webhooks_in_it(query_api: QueryApiProcess) -> None:
    answer = ask(query_api, "POST", "", {"url": URL}, token=TENANT_ADMIN)
    assert answer.json()["tenant_id"] == TENANT
    path = f"/{answer.json()['webhook_id']}"
    assert ask(query_api, "GET", path, tenant="default").status_code == 404
    assert ask(query_api, "DELETE", path, token=TENANT_ADMIN).status_code == 204


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"url": "http://example.com"}, "url", "must be https"),
        ({"url": "https://127.0.0.1/"}, "url", "not public"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "url", "not public"),
        ({"url": "https://user:pass@example.com"}, "url", "no user and password"),
        ({"urls": [URL]}, "urls", "Extra inputs"),
        ({"event_types": ["all"]}, "event_types.0", "must be one of"),
    ],
)
def test_what_cannot_be_is_refused_and_says_why(
    query_api: QueryApiProcess, tenant: str, fields: dict[str, object], field: str, reason: str
) -> None:
    answers = [
        ask(query_api, "POST", "", {"url": URL, **fields}, tenant=tenant),
        ask(query_api, "PATCH", f"/{created(query_api, tenant)['webhook_id']}", fields, tenant=tenant),
    ]
    for answer in answers:
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert error["field"] == field
        assert reason in error["reason"]


def test_deliveries_are_listed_newest_first(query_api: QueryApiProcess, rows: FleetRows, tenant: str) -> None:
    webhook_id = created(query_api, tenant)["webhook_id"]
    taken, failed = DeliveryOutcome.DELIVERED, DeliveryOutcome.FAILED
    at = "2026-01-31T12:00:05.000Z"
    # Not long ago: what is thirty days old is not kept.
    now = time.time_ns() // 1_000_000
    for number, delivery in enumerate(
        [
            WebhookDelivery(tenant, "scout", webhook_id, "n1", "t", 1, failed, 500, "", 12, at),
            WebhookDelivery(tenant, "scout", webhook_id, "n1", "t", 2, failed, 0, "timeout", 15, at),
            WebhookDelivery(tenant, "scout", webhook_id, "n1", "t", 3, taken, 204, "", 7, None),
            WebhookDelivery(tenant, "", "another", "n1", "t", 1, taken, 204, "", 7, None),
        ]
    ):
        rows.derived(delivery, now + number)
    path = f"/{webhook_id}/deliveries"
    first = ask(query_api, "GET", path, tenant=tenant, limit="2").json()
    assert [d["attempt"] for d in first["deliveries"]] == [3, 2]
    assert (first["deliveries"][0]["http_status"], first["deliveries"][0]["error"]) == (204, None)
    assert (first["deliveries"][1]["http_status"], first["deliveries"][1]["error"]) == (None, "timeout")
    assert first["deliveries"][1]["retry_at"] == at
    rest = ask(query_api, "GET", path, tenant=tenant, cursor=first["next_cursor"]).json()
    assert [d["attempt"] for d in rest["deliveries"]] == [1]
    assert rest["next_cursor"] is None
    only = ask(query_api, "GET", path, tenant=tenant, outcome="delivered", notification_id="n1").json()
    assert [d["outcome"] for d in only["deliveries"]] == ["delivered"]
    assert ask(query_api, "GET", path, tenant=tenant, result="x").status_code == 422
