"""Tokens are charged by kind, what is paid is left alone, and what has no price gets none."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway import pricing
from ingest_gateway.pricing import BUILT_IN, Prices
from schemas.messages.cost import MAX_AMOUNT, CostMetric, CostRow, cost_units
from schemas.prices import BUILT_IN_VERSION, MAX_PRICE, ModelPrice

PRICE = ModelPrice(
    ("m", "m-*"), Decimal(2), Decimal(10), Decimal("0.2"), Decimal("2.5"), reasoning=Decimal(20)
)
PLAIN = ModelPrice(("*",), Decimal(1), Decimal(3))
PRICES = Prices(7, "EUR", [PRICE, PLAIN])


def priced(metric: str, amount: int | str, prices: Prices = PRICES, **facts: Any) -> CostRow:  # noqa: ANN401 - any column
    row = CostRow(CostMetric(metric), str(amount), **{"model": "m", **facts})
    prices.price([row])
    return row


@pytest.mark.parametrize(
    ("metric", "facts", "cost"),
    [
        ("tokens_in", {}, "0.002"),
        ("tokens_in", {"cache_read_tokens": 1000}, "0.0002"),
        ("tokens_in", {"cache_read_tokens": 600, "cache_creation_tokens": 300}, "0.00107"),
        ("tokens_out", {}, "0.01"),
        ("tokens_out", {"reasoning_tokens": 400}, "0.014"),
        ("tokens_out", {"cache_read_tokens": 500}, "0.01"),
        # Counted apart from the amount, against the convention.
        ("tokens_in", {"cache_read_tokens": 2000}, "0.0024"),
        ("tokens_out", {"reasoning_tokens": 2000}, "0.05"),
        ("tokens_in", {"model": "other", "cache_read_tokens": 600}, "0.001"),
        ("tokens_out", {"model": "other", "reasoning_tokens": 600}, "0.003"),
    ],
)
def test_each_kind_of_token_has_its_price(metric: str, facts: dict[str, Any], cost: str) -> None:
    row = priced(metric, 1000, **facts)
    assert (row.cost, row.currency, row.price_version) == (cost, "EUR", 7)


def test_money_that_is_known_stays_as_it_is() -> None:
    row = priced("tokens_in", 1000, cost="0.5", currency="USD")
    assert (row.cost, row.currency, row.price_version) == ("0.5", "USD", None)
    for metric in ("tool_cost", "compute_seconds"):
        assert priced(metric, 9).price_version is None


def test_the_first_price_that_names_a_model_counts_also_behind_its_provider() -> None:
    named = Prices(1, "USD", [PRICE])
    assert priced("tokens_in", 10**6, named, model="m-2").cost == "2"
    assert priced("tokens_in", 10**6, named, model="openai/m").cost == "2"
    unknown = priced("tokens_in", 10**6, named, model="n")
    assert (unknown.cost, unknown.currency, unknown.price_version) == (None, "", None)


def test_made_up_models_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing, "_MOST_KNOWN", 2)
    prices = Prices(1, "USD", [PRICE])
    for number in range(7):
        priced("tokens_in", 1, prices, model=f"made-up-{number}")
    assert priced("tokens_in", 10**6, prices).cost == "2"
    assert len(prices._known) <= 2


def test_the_built_in_table_names_its_version() -> None:
    row = priced("tokens_in", 10**6, BUILT_IN, model="gpt-5-mini-2025-08-07", cache_read_tokens=0)
    assert (row.cost, row.currency, row.price_version) == ("0.25", "USD", BUILT_IN_VERSION)
    assert priced("tokens_in", 1, BUILT_IN, model="gpt-9").cost is None


@given(st.integers(0, int(MAX_AMOUNT)), st.decimals(0, MAX_PRICE, places=6))
def test_the_largest_amount_has_a_cost_to_the_last_digit(amount: int, price: Decimal) -> None:
    table = Prices(1, "USD", [ModelPrice(("m",), price, price)])
    cost = priced("tokens_in", amount, table).cost
    assert cost is not None
    # Twelve places: six of the price, six of the million.
    assert cost_units(Decimal(cost)) == amount * int(price * 10**6)
