"""Costs add up to the last decimal, by whatever they are asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.cost import CostMetric, CostRow
from tests.query_api.api_process import TENANT_ADMIN, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

# Days that are kept, whenever this runs.
FIRST = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
TENANT = "spenders"


def entry(cost: str | None, model: str = "m1", **fields: Any) -> CostRow:  # noqa: ANN401 - those of the row
    return CostRow(
        metric_type=CostMetric.TOKENS_IN,
        amount="10",
        timestamp=FIRST,
        currency="USD" if cost else "",
        cost=cost,
        model=model,
        **fields,
    )


@pytest.fixture
def filled(query_api: QueryApiProcess, rows: FleetRows) -> QueryApiProcess:
    if not ask(query_api)["sums"]:
        now = int(FIRST.timestamp() * 1000)
        ones = [entry("0.100000000001"), entry("0.2", cost_center="c1"), entry(None)]
        rows.telemetry(Kind.COST, AgentRef(TENANT, "one"), ones, now)
        tool = CostRow(metric_type=CostMetric.TOOL_COST, amount="1.5", timestamp=FIRST, currency="EUR")
        rows.telemetry(Kind.COST, AgentRef(TENANT, "two"), [tool, entry("4", "m2")], now)
    return query_api


def ask(query_api: QueryApiProcess, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx sends
    with query_api.client() as client:
        answer = client.get("/api/v1/costs", params={"tenant": TENANT, **parameters})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_by_day_and_currency(filled: QueryApiProcess) -> None:
    sums = ask(filled)["sums"]
    assert [(one["day"], one["currency"], one["spent"], one["entries"]) for one in sums] == [
        (FIRST.date().isoformat(), "USD", "4.300000000001", 3),
        (FIRST.date().isoformat(), "EUR", "1.500000000000", 1),
    ]
    assert sums[0]["agent_id"] is None


def test_by_agent_and_model(filled: QueryApiProcess) -> None:
    sums = ask(filled, group_by=["agent", "model", "agent"], currency="USD")["sums"]
    assert [(one["agent_id"], one["model"], one["spent"]) for one in sums] == [
        ("two", "m2", "4.000000000000"),
        ("one", "m1", "0.300000000001"),
    ]


def test_filters(filled: QueryApiProcess) -> None:
    assert [one["spent"] for one in ask(filled, cost_center="c1")["sums"]] == ["0.200000000000"]
    assert [one["spent"] for one in ask(filled, agent="two", currency="EUR")["sums"]] == ["1.500000000000"]
    assert ask(filled, model="m3")["sums"] == []
    assert ask(filled, to="2020-01-01T00:00:00Z")["sums"] == []


def test_more_than_the_limit_is_said(filled: QueryApiProcess) -> None:
    report = ask(filled, group_by="agent", limit="1")
    assert (len(report["sums"]), report["truncated"]) == (1, True)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"group_by": "moon"}, "group_by.0"),
        ({"currency": "usd"}, "currency"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to"),
        ({"from": "1970-01-01T00:00:00Z"}, "from"),
        ({"limit": "0"}, "limit"),
    ],
)
def test_nonsense_is_named(query_api: QueryApiProcess, parameters: dict[str, str], field: str) -> None:
    with query_api.client() as client:
        answer = client.get("/api/v1/costs", params=parameters)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_another_tenants_costs_are_not_shown(filled: QueryApiProcess) -> None:
    with filled.client(TENANT_ADMIN) as client:
        assert client.get("/api/v1/costs", params={"tenant": TENANT}).status_code == 403
        assert client.get("/api/v1/costs", params={"agent": "two"}).json()["sums"] == []
