"""Price tables: what a tenant pays for the tokens of its models."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.resources.policies import Currency, Name
from query_api.resources.values import Moment, Parameters, from_milliseconds
from schemas.messages.cost import decimal_text
from schemas.prices import (
    BUILT_IN_CURRENCY,
    BUILT_IN_PRICES,
    BUILT_IN_VERSION,
    MAX_PRICE,
    ModelPrice,
    PriceTable,
)

_MOST_PRICES = 500
_MOST_MODELS = 100
_PRICE_DECIMALS = 6
_EXAMPLE: dict[str, Any] = {
    "currency": "USD",
    "prices": [
        {"models": ["gpt-5-mini", "gpt-5-mini-20*"], "input": "0.25", "cached_input": "0.025", "output": "2"},
        {"models": ["llama-*"], "input": "0", "output": "0"},
    ],
}

Price = Annotated[
    Decimal,
    Field(ge=0, le=MAX_PRICE, decimal_places=_PRICE_DECIMALS, examples=["0.25"]),
    # 0E+999999 is a zero whose text has a million digits.
    AfterValidator(lambda price: Decimal(decimal_text(price, "price"))),
]


class PriceOfModels(BaseModel):
    """What a million tokens cost; a kind that is left out costs what it is a part of."""

    model_config = ConfigDict(extra="forbid")

    models: list[Name] = Field(
        min_length=1, max_length=_MOST_MODELS, description="case counts, `*` stands for any characters"
    )
    input: Price
    output: Price
    cached_input: Price | None = Field(default=None, description="read from a cache; else as input")
    cache_creation: Price | None = Field(default=None, description="written into a cache; else as input")
    reasoning: Price | None = Field(default=None, description="else as output")


class NewPrices(BaseModel):
    """A table to be put in the place of the one before; the first price that names a model counts."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    currency: Currency
    prices: list[PriceOfModels] = Field(max_length=_MOST_PRICES)

    def model_prices(self) -> list[ModelPrice]:
        """The same, for a control record."""
        return [
            ModelPrice(
                models=tuple(price.models),
                input=price.input,
                output=price.output,
                cached_input=price.cached_input,
                cache_creation=price.cache_creation,
                reasoning=price.reasoning,
            )
            for price in self.prices
        ]


class PriceChange(Parameters):
    """Query parameters of a change."""

    version: int | None = Field(
        default=None, ge=0, description="the version that is to be changed; 409 when it is another by now"
    )


class PriceReport(BaseModel):
    """The prices in force; those that come with the release have nobody who changed them."""

    tenant_id: str
    version: int = Field(description="stands on each entry that is priced by it")
    built_in: bool
    currency: str
    prices: list[PriceOfModels]
    changed_at: Moment | None
    changed_by: str | None


def report_of(tenant_id: str, table: PriceTable | None) -> PriceReport:
    """What is shown of a tenant's table, or of the built-in one where it has none."""
    own = table if table is not None and not table.deleted else None
    return PriceReport(
        tenant_id=tenant_id,
        version=BUILT_IN_VERSION if own is None else own.version,
        built_in=own is None,
        currency=BUILT_IN_CURRENCY if own is None else own.currency,
        prices=[_shown(price) for price in (BUILT_IN_PRICES if own is None else own.prices)],
        changed_at=None if own is None else from_milliseconds(own.changed_at),
        changed_by=None if own is None else own.changed_by,
    )


def _shown(price: ModelPrice) -> PriceOfModels:
    return PriceOfModels.model_construct(
        models=list(price.models),
        input=price.input,
        output=price.output,
        cached_input=price.cached_input,
        cache_creation=price.cache_creation,
        reasoning=price.reasoning,
    )
