"""Costs are exact decimals within bounds, and money says its currency."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidMessageError
from schemas.messages.cost import (
    DECIMALS,
    MAX_AMOUNT,
    CostPayload,
    cost_units,
    decimal_text,
    to_row,
    units_text,
)


def decoded(text: str) -> CostPayload:
    return msgspec.json.decode(text, type=CostPayload)


def entry(**fields: Any) -> CostPayload:  # noqa: ANN401 - any JSON
    return msgspec.convert(
        {"instance_id": "agent-7", "metric_type": "tokens_in", "amount": "1", **fields}, CostPayload
    )


@given(st.decimals(0, MAX_AMOUNT, allow_nan=False, allow_infinity=False, places=DECIMALS))
def test_an_amount_of_a_dozen_decimals_is_kept_to_the_digit(amount: Decimal) -> None:
    text = decimal_text(amount, "amount")
    assert Decimal(text) == amount
    assert set(text) <= set("0123456789.")


@given(st.decimals(0, MAX_AMOUNT, allow_nan=False, allow_infinity=False))
def test_more_decimals_are_rounded_by_less_than_the_last_one(amount: Decimal) -> None:
    text = decimal_text(amount, "amount")
    assert abs(Decimal(text) - amount) <= Decimal(1).scaleb(-DECIMALS) / 2
    assert len(text) <= 30


@pytest.mark.parametrize("text", ["0E+999999999", "1E-999999999", f"0.{'1' * 200_000}", "-0"])
def test_odd_forms_of_small_numbers_have_short_texts(text: str) -> None:
    assert len(decimal_text(Decimal(text), "amount")) <= DECIMALS + 2


@pytest.mark.parametrize("text", ["-0.1", "1e16", "1E+999999999", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused_with_its_bounds(text: str) -> None:
    with pytest.raises(InvalidMessageError, match="amount: must be 0 to 1000000000000000"):
        to_row(entry(amount=text))


def test_a_json_number_is_not_bent_by_floating_point() -> None:
    text = '{"instance_id":"a","metric_type":"tool_cost","amount":0.1,"currency":"USD"}'
    assert to_row(decoded(text)).amount == "0.1"


def test_billed_tokens_need_a_currency_too() -> None:
    with pytest.raises(InvalidMessageError, match="currency: money needs its currency"):
        to_row(entry(cost="0.5"))
    row = to_row(entry(cost="0.5", currency="USD"))
    assert (row.amount, row.cost, row.currency) == ("1", "0.5", "USD")


def test_the_attribution_becomes_columns() -> None:
    row = to_row(entry(attribution={"project_id": "apollo", "cost_center": "cc-42"}))
    assert (row.project_id, row.cost_center) == ("apollo", "cc-42")


AMOUNTS = st.decimals(0, MAX_AMOUNT, places=DECIMALS)


@given(st.lists(AMOUNTS, max_size=20))
def test_amounts_add_up_exactly(amounts: list[Decimal]) -> None:
    units = sum(map(cost_units, amounts))
    assert units == sum(int(f"{amount:f}".replace(".", "")) for amount in amounts)


@given(AMOUNTS)
def test_steps_have_the_text_of_their_amount(amount: Decimal) -> None:
    assert units_text(cost_units(amount)) == decimal_text(amount, "amount")
