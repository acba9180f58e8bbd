"""Spending by day and month, of the tenant, its cost centres and its agents, beside their budgets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.block import Kind
from schemas.derived import Spend, SpendFigure
from schemas.identity import AgentRef
from schemas.messages.cost import CostMetric, CostRow
from tests.query_api.api_process import TENANT_ADMIN, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

TENANT = "spending"
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
NOW = int(NOON.timestamp() * 1000)
TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)
MONTH = TODAY.replace(day=1)

BUDGETS = (
    {"budget_id": "all-day", "amount": "2", "currency": "USD", "period": "day"},
    {"budget_id": "lab", "amount": "100", "currency": "USD", "scope": "cost_center", "name": "lab"},
    {"budget_id": "one", "amount": "4", "currency": "USD", "scope": "agent", "name": "one", "period": "day"},
    {"budget_id": "euros", "amount": "5", "currency": "EUR"},
)


def total(center: str, partition: int, *figures: SpendFigure, day: object = TODAY) -> Spend:
    return Spend(TENANT, center, str(day), partition, list(figures))


def usd(amount: str, entries: int = 1, price_version: int = 0) -> SpendFigure:
    return SpendFigure("USD", amount, price_version, entries)


def fill(rows: FleetRows) -> None:
    rows.derived(total("", 0, usd("1")), NOW)
    rows.derived(total("", 0, usd("1.5", 2), usd("0.25", 1, 7), SpendFigure("", "0", 0, 3, "700")), NOW + 1)
    rows.derived(total("", 1, usd("0.000000000001")), NOW)
    rows.derived(total("lab", 1, usd("3", 4)), NOW)
    rows.derived(total("lab", 1, usd("10"), day=YESTERDAY), NOW)
    ref = AgentRef(TENANT, "one")
    paid = CostRow(CostMetric.TOKENS_IN, "10", currency="USD", cost="0.1", timestamp=NOON)
    free = CostRow(CostMetric.TOKENS_OUT, "70", timestamp=NOON, model="m")
    tool = CostRow(CostMetric.TOOL_COST, "3", currency="USD", timestamp=NOON)
    long_ago = CostRow(CostMetric.TOOL_COST, "0.5", currency="USD", timestamp=NOON - timedelta(days=90))
    rows.telemetry(Kind.COST, ref, [paid, paid, free, tool, long_ago], NOW)
    rows.telemetry(Kind.COST, AgentRef(TENANT, "two"), [tool], NOW)


@pytest.fixture
def spenders(query_api: QueryApiProcess, rows: FleetRows) -> QueryApiProcess:
    if not ask(query_api)["spend"]:
        fill(rows)
        with query_api.client() as client:
            for budget in BUDGETS:
                made = client.post("/api/v1/budgets", json=budget, params={"tenant": TENANT})
                assert made.status_code == 201, made.text
    return query_api


def ask(query_api: QueryApiProcess, path: str = "spend", **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx sends
    with query_api.client() as client:
        answer = client.get(f"/api/v1/{path}", params={"tenant": TENANT, **parameters})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def shown(page: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (one["starts"], one["name"], one["currency"], one["spent"], one["entries"]) for one in page["spend"]
    ]


def test_of_a_tenant_by_day_it_is_the_newest_total_of_each_partition(spenders: QueryApiProcess) -> None:
    page = ask(spenders, **{"from": str(YESTERDAY)})
    assert shown(page) == [
        (str(TODAY), None, None, None, 3),
        (str(TODAY), None, "USD", "4.750000000001", 8),
        (str(YESTERDAY), None, "USD", "10.000000000000", 1),
    ]
    assert [one["unpriced_tokens"] for one in page["spend"]] == ["700.000000000000", None, None]
    assert [one["budgets"] for one in page["spend"]] == [
        [],
        [{"budget_id": "all-day", "amount": "2", "share": 2.375}],
        [{"budget_id": "all-day", "amount": "2", "share": 5.0}],
    ]
    assert page["next_cursor"] is None


def test_of_cost_centres_by_month_beside_their_budgets(spenders: QueryApiProcess) -> None:
    page = ask(spenders, scope="cost_center", period="month", currency="USD", **{"from": str(YESTERDAY)})
    of_lab = [one for one in page["spend"] if one["name"] == "lab"]
    assert sum(float(one["spent"]) for one in of_lab) == 13.0
    assert [one["budgets"][0]["budget_id"] for one in of_lab] == ["lab"] * len(of_lab)
    unnamed = [one for one in page["spend"] if not one["name"]]
    assert [(one["starts"], one["spent"], one["budgets"]) for one in unnamed] == [
        (str(MONTH), "1.750000000001", [])
    ]
    named = ask(spenders, scope="cost_center", name="", **{"from": str(TODAY)})
    assert {one["name"] for one in named["spend"]} == {""}


def test_of_agents_by_the_day_on_which_entries_came(spenders: QueryApiProcess) -> None:
    page = ask(spenders, scope="agent", **{"from": str(YESTERDAY)})
    assert shown(page) == [
        (str(TODAY), "one", None, None, 1),
        (str(TODAY), "one", "USD", "3.700000000000", 4),
        (str(TODAY), "two", "USD", "3.000000000000", 1),
    ]
    assert page["spend"][0]["unpriced_tokens"] == "70.000000000000"
    assert page["spend"][1]["budgets"] == [{"budget_id": "one", "amount": "4", "share": 0.925}]
    assert shown(ask(spenders, scope="agent", name="two")) == shown(page)[2:]


@pytest.mark.parametrize("scope", ["tenant", "cost_center", "agent"])
def test_pages_put_together_are_the_whole(spenders: QueryApiProcess, scope: str) -> None:
    whole = ask(spenders, scope=scope)["spend"]
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(spenders, scope=scope, limit="1", **cursor)
        found += page["spend"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == whole
    assert len(whole) > 1


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"scope": "moon"}, "scope"),
        ({"period": "year"}, "period"),
        ({"from": "yesterday"}, "from"),
        ({"from": "9999-01-01"}, "from"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "from"),
        ({"from": "1970-01-01"}, "from"),
        ({"currency": "usd"}, "currency"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"name": "lab"}, ""),
        ({"moon": "full"}, "moon"),
    ],
)
def test_nonsense_is_named(query_api: QueryApiProcess, parameters: dict[str, str], field: str) -> None:
    with query_api.client() as client:
        answer = client.get("/api/v1/spend", params=parameters)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_another_tenants_spending_is_not_shown(spenders: QueryApiProcess) -> None:
    with spenders.client(TENANT_ADMIN) as client:
        assert client.get("/api/v1/spend", params={"tenant": TENANT}).status_code == 403
        assert client.get("/api/v1/spend", params={"scope": "agent"}).json()["spend"] == []


def test_costs_show_each_budget_against_what_is_spent_of_it(spenders: QueryApiProcess) -> None:
    budgets = {one["budget_id"]: one for one in ask(spenders, "costs")["budgets"]}
    assert set(budgets) == {"all-day", "lab", "one", "euros"}
    day, euros = budgets["all-day"], budgets["euros"]
    assert (day["starts"], day["spent"], day["remaining"], day["share"]) == (
        str(TODAY),
        "4.750000000001",
        "-2.750000000001",
        2.375,
    )
    assert (euros["starts"], euros["spent"], euros["share"]) == (str(MONTH), "0", 0.0)
    assert budgets["one"]["remaining"] == "0.300000000000"
    of_agent = ask(spenders, "costs", agent="one")["budgets"]
    assert [one["budget_id"] for one in of_agent] == ["one"]
    assert [one["budget_id"] for one in ask(spenders, "costs", cost_center="lab")["budgets"]] == ["lab"]
    assert [one["budget_id"] for one in ask(spenders, "costs", currency="EUR")["budgets"]] == ["euros"]
    assert ask(spenders, "costs", model="m")["budgets"] == []
    assert ask(spenders, "costs", agent="one", cost_center="lab")["budgets"] == []
