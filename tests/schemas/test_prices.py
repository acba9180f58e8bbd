"""The built-in price table fits together, and records keep every digit."""

from collections import Counter
from pathlib import Path

import msgspec

from schemas.prices import BUILT_IN_PRICES, MAX_PRICE, ModelPrice, PriceTable


def test_no_model_is_listed_twice_and_every_price_is_possible() -> None:
    names = Counter(name for price in BUILT_IN_PRICES for name in price.models)
    assert [name for name, times in names.items() if times > 1] == []
    for price in BUILT_IN_PRICES:
        assert price.models
        assert 0 < price.input < price.output <= MAX_PRICE
        assert price.cached_input is None or price.cached_input < price.input
        assert price.cache_creation is None or price.cache_creation > price.input


def test_a_table_comes_back_with_its_digits() -> None:
    (price, *_) = BUILT_IN_PRICES
    table = PriceTable("acme", 3, "USD", (price, ModelPrice(("x",), price.input, price.output)), 1, "ada")
    packed = msgspec.json.encode(table)
    assert b'"0.50"' in packed
    assert msgspec.json.decode(packed, type=PriceTable) == table


def test_the_guide_names_every_model_that_has_a_built_in_price() -> None:
    guide = (Path(__file__).parents[2] / "docs/costs.md").read_text(encoding="utf-8")
    names = [name for price in BUILT_IN_PRICES for name in price.models]
    # Snapshots go by the name of their model.
    assert not [name for name in names if "-20" not in name and f"`{name}`" not in guide]
