"""Budgets: created, listed, shown, put, deleted, and refused with a reason."""

import httpx
import pytest

from tests.query_api.api_process import ADMIN, VIEWER, QueryApiProcess

pytestmark = pytest.mark.integration

ALL = "/api/v1/budgets"
ONE = f"{ALL}/all"
BUDGET = {"amount": "10.5", "currency": "USD"}


def ask(
    query_api: QueryApiProcess,
    method: str,
    path: str,
    *,
    token: str = ADMIN,
    body: object = None,
    **query: str,
) -> httpx.Response:
    with query_api.client(token) as client:
        return client.request(method, path, json=body, params={"tenant": "budgets", **query})


def test_the_life_of_a_budget(query_api: QueryApiProcess) -> None:
    assert ask(query_api, "POST", ALL, token=VIEWER, body={"budget_id": "all", **BUDGET}).status_code == 403
    created = ask(query_api, "POST", ALL, body={"budget_id": "all", **BUDGET})
    assert created.status_code == 201, created.text
    assert created.headers["location"] == ONE
    shown = created.json()
    assert (shown["amount"], shown["scope"], shown["period"], shown["version"]) == (
        "10.5",
        "tenant",
        "month",
        1,
    )
    assert ask(query_api, "GET", ONE, token=VIEWER).json() == shown
    assert ask(query_api, "POST", ALL, body={"budget_id": "all", **BUDGET}).status_code == 409
    put = ask(query_api, "PUT", ONE, body=BUDGET | {"period": "day"}, version="1")
    assert (put.json()["period"], put.json()["version"]) == ("day", 2)
    assert ask(query_api, "PUT", ONE, body=BUDGET, version="1").status_code == 409
    assert ask(query_api, "PUT", ONE, body=BUDGET | {"amount": 0}).status_code == 422
    assert [one["budget_id"] for one in ask(query_api, "GET", ALL).json()["budgets"]] == ["all"]
    assert ask(query_api, "DELETE", ONE).status_code == 204
    assert ask(query_api, "GET", ONE).status_code == 404
