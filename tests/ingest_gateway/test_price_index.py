"""Whose prices are in force."""

from decimal import Decimal

from ingest_gateway.price_index import PriceIndex
from ingest_gateway.pricing import BUILT_IN
from schemas.control import Tenant
from schemas.messages.cost import CostMetric, CostRow
from schemas.prices import ModelPrice, PriceTable
from schemas.topics import Topic

PRICE = ModelPrice(("m",), Decimal(2), Decimal(10))


def test_a_tenants_own_table_is_in_force_until_it_is_deleted() -> None:
    index = PriceIndex()
    assert index.of("acme") is BUILT_IN
    index.apply(Topic.PRICES, "acme", PriceTable("acme", 4, "EUR", (PRICE,), 1, "ada"))
    row = CostRow(CostMetric.TOKENS_OUT, "1000", model="m")
    index.of("acme").price([row])
    assert (row.cost, row.currency, row.price_version) == ("0.01", "EUR", 4)
    assert index.of("other") is BUILT_IN
    index.apply(Topic.PRICES, "acme", PriceTable("acme", 5, "EUR", (), 1, "ada", deleted=True))
    assert index.of("acme") is BUILT_IN


def test_other_records_count_for_nothing() -> None:
    index = PriceIndex()
    index.apply(Topic.TENANTS, "acme", Tenant("acme", 1))
    assert index.of("acme") is BUILT_IN
