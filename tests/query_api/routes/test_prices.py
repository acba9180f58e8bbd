"""Price tables: shown, put, deleted, versioned, and refused with a reason."""

from typing import Any

import httpx
import pytest

from tests.query_api.api_process import ADMIN, TENANT, TENANT_ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

PATH = "/api/v1/prices"
TABLE = {"currency": "EUR", "prices": [{"models": ["m-*"], "input": "0.25", "output": "2"}]}


def ask(
    query_api: QueryApiProcess, method: str, *, token: str = ADMIN, body: object = None, **query: str
) -> httpx.Response:
    with query_api.client(token) as client:
        return client.request(method, PATH, json=body, params=query)


def test_what_is_put_is_in_force_until_it_is_deleted(query_api: QueryApiProcess) -> None:
    built_in: Any = ask(query_api, "GET", token=VIEWER, tenant="prices-a").json()
    assert built_in["built_in"] is True
    answer = ask(query_api, "PUT", body=TABLE, tenant="prices-a", version="0")
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["tenant_id"], shown["version"], shown["currency"]) == ("prices-a", 1, "EUR")
    assert shown["prices"] == [
        {
            "models": ["m-*"],
            "input": "0.25",
            "output": "2",
            "cached_input": None,
            "cache_creation": None,
            "reasoning": None,
        }
    ]
    assert "promethios.prices.v1=" in answer.headers["x-promethios-control-offsets"]
    assert ask(query_api, "GET", tenant="prices-a").json() == shown
    assert ask(query_api, "PUT", body=TABLE, tenant="prices-a", version="0").status_code == 409
    assert ask(query_api, "DELETE", tenant="prices-a").json() == built_in


def test_operators_change_what_is_theirs(query_api: QueryApiProcess) -> None:
    assert ask(query_api, "PUT", body=TABLE, token=VIEWER).status_code == 403
    assert ask(query_api, "PUT", body=TABLE, token=TENANT_ADMIN, tenant="other").status_code == 403
    assert ask(query_api, "PUT", body=TABLE, token=TENANT_ADMIN).json()["tenant_id"] == TENANT


def test_what_is_wrong_is_named(query_api: QueryApiProcess) -> None:
    answer = ask(query_api, "PUT", body={"currency": "eur", "prices": []})
    assert answer.status_code == 422
    assert "currency" in answer.text
