"""Retention: put, shown in full, versioned, and refused with a reason."""

from typing import Any

import httpx
import pytest

from schemas.retention import LIMITED_TABLES
from tests.query_api.api_process import ADMIN, TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

PATH = "/api/v1/retention"


def put(query_api: QueryApiProcess, body: object, *, token: str = ADMIN, **query: str) -> httpx.Response:
    with query_api.client(token) as client:
        return client.put(PATH, json=body, params=query)


def get(query_api: QueryApiProcess, *, token: str = ADMIN, **query: str) -> Any:  # noqa: ANN401 - JSON
    with query_api.client(token) as client:
        answer = client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_without_a_record_all_stays_for_a_year(query_api: QueryApiProcess) -> None:
    shown = get(query_api, token=VIEWER, tenant="kept-none")
    assert (shown["version"], shown["days"], shown["changed_by"]) == (0, {}, None)
    assert shown["in_force"] == dict.fromkeys(LIMITED_TABLES, 365)


def test_what_is_put_is_in_force_and_versions_count(query_api: QueryApiProcess) -> None:
    answer = put(query_api, {"days": {"agent_logs": 30}}, tenant="kept-put")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["tenant_id"], shown["version"], shown["days"]) == ("kept-put", 1, {"agent_logs": 30})
    assert (shown["in_force"]["agent_logs"], shown["in_force"]["heartbeats"]) == (30, 365)
    assert shown["changed_by"]
    assert shown["changed_at"].endswith("Z")
    assert shown == get(query_api, tenant="kept-put")
    assert put(query_api, {"days": {}}, tenant="kept-put").json()["version"] == 2


def test_operators_change_what_is_theirs(query_api: QueryApiProcess) -> None:
    assert put(query_api, {"days": {}}, token=VIEWER).status_code == 403
    assert put(query_api, {"days": {}}, token=TENANT_ADMIN, tenant="other").status_code == 403
    assert put(query_api, {"days": {}}, token=TENANT_ADMIN).json()["tenant_id"] == TENANT


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ({"agent_logs": 0}, "1 to 365"),
        ({"alerts": 30}, "none of"),
        ({"agent_logs": "x"}, "integer"),
        (30, "dict"),
    ],
)
def test_what_cannot_be_done_is_refused(query_api: QueryApiProcess, days: object, reason: str) -> None:
    answer = put(query_api, {"days": days}, tenant="kept-bad")
    assert answer.status_code == 422
    assert reason in answer.text
    assert get(query_api, tenant="kept-bad")["version"] == 0
