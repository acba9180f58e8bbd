"""Price tables are checked when they are written, and shown as they are."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from query_api.resources.prices import NewPrices, report_of
from schemas.prices import BUILT_IN_PRICES, BUILT_IN_VERSION, ModelPrice, PriceTable

MODELS = {"models": ["m"], "input": "1", "output": "2"}


def test_what_is_sent_is_what_is_kept() -> None:
    new = NewPrices.model_validate({"currency": "EUR", "prices": [{**MODELS, "reasoning": 3.5}]})
    assert new.model_prices() == [ModelPrice(("m",), Decimal(1), Decimal(2), reasoning=Decimal("3.5"))]


@pytest.mark.parametrize(
    "change",
    [
        {"models": []},
        {"input": -1},
        {"input": "1e7"},
        {"output": "0.0000001"},
        {"output": "NaN"},
        {"cached": 1},
        {"models": [""]},
    ],
    ids=str,
)
def test_what_cannot_be_a_price_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewPrices.model_validate({"currency": "USD", "prices": [MODELS | change]})


def test_a_tenant_without_a_table_is_shown_the_built_in_one() -> None:
    for table in (None, PriceTable("acme", 4, "EUR", (), 1, "ada", deleted=True)):
        report = report_of("acme", table)
        assert (report.built_in, report.version, report.changed_by) == (True, BUILT_IN_VERSION, None)
        assert len(report.prices) == len(BUILT_IN_PRICES)
    own = report_of("acme", PriceTable("acme", 4, "EUR", (), 1, "ada"))
    assert (own.built_in, own.version, own.currency, own.prices, own.changed_by) == (
        False,
        4,
        "EUR",
        [],
        "ada",
    )
