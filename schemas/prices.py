"""Price tables: what a tenant pays for the tokens of its models, as operators write them."""

from decimal import Decimal

import msgspec

MAX_PRICE = Decimal(10) ** 6

# Tenants count the versions of their own tables from 1; a built-in one has the day on which it was made.
BUILT_IN_VERSION = 2026_11_30


class ModelPrice(msgspec.Struct, frozen=True):
    """What a million tokens of some models cost; `*` stands for any characters in a name.

    A kind of token without a price of its own costs what it is a part of: `cached_input`, read from a cache,
    and `cache_creation`, written into one, are input tokens, and `reasoning` tokens are output.
    """

    models: tuple[str, ...]
    input: Decimal
    output: Decimal
    cached_input: Decimal | None = None
    cache_creation: Decimal | None = None
    reasoning: Decimal | None = None


class PriceTable(msgspec.Struct, frozen=True):
    """A tenant's prices in a currency, of which the first that names a model counts.

    `version` counts the changes from 1, also beyond a deletion; one that is deleted leaves the built-in table
    in force. `changed_at` in milliseconds, `changed_by` is an operator's id.
    """

    tenant_id: str
    version: int
    currency: str
    prices: tuple[ModelPrice, ...]
    changed_at: int
    changed_by: str
    deleted: bool = False


def _usd(
    models: str,
    price: str,
    output: str,
    cached: str | None = None,
    creation: str | None = None,
) -> ModelPrice:
    return ModelPrice(
        models=tuple(models.split()),
        input=Decimal(price),
        output=Decimal(output),
        cached_input=None if cached is None else Decimal(cached),
        cache_creation=None if creation is None else Decimal(creation),
    )


BUILT_IN_CURRENCY = "USD"

# List prices for a million tokens, as their makers publish them; docs/costs.md has the source of each, and
# which are left out. Long contexts, batches and contracts cost something else. Dated names are spelled out,
# lest `gpt-5*` price a model that is not out yet.
BUILT_IN_PRICES = (
    _usd("gpt-5.5 gpt-5.5-20*", "5", "30", "0.50"),
    _usd("gpt-5.4 gpt-5.4-20*", "2.50", "15", "0.25"),
    _usd("gpt-5.4-mini gpt-5.4-mini-20*", "0.75", "4.50", "0.075"),
    _usd("gpt-5.4-nano gpt-5.4-nano-20*", "0.20", "1.25", "0.02"),
    _usd("gpt-5.2 gpt-5.2-20*", "1.75", "14", "0.175"),
    _usd("gpt-5-mini gpt-5-mini-20*", "0.25", "2", "0.025"),
    _usd("gpt-5-nano gpt-5-nano-20*", "0.05", "0.40", "0.005"),
    _usd("gpt-5 gpt-5-20* gpt-5.1 gpt-5.1-20*", "1.25", "10", "0.125"),
    _usd("gpt-4.1-mini gpt-4.1-mini-20*", "0.40", "1.60", "0.10"),
    _usd("gpt-4.1-nano gpt-4.1-nano-20*", "0.10", "0.40", "0.025"),
    _usd("gpt-4.1 gpt-4.1-20*", "2", "8", "0.50"),
    _usd("gpt-4o-mini gpt-4o-mini-20*", "0.15", "0.60", "0.075"),
    _usd("gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20", "2.50", "10", "1.25"),
    _usd("o3 o3-20*", "2", "8", "0.50"),
    _usd("o4-mini o4-mini-20*", "1.10", "4.40", "0.275"),
    _usd("claude-fable-5-1", "10", "50", "0.25", "12.50"),
    _usd("claude-fable-5", "10", "50", "1", "12.50"),
    _usd(
        "claude-opus-5 claude-opus-4-8 claude-opus-4-7 claude-opus-4-6 claude-opus-4-5 claude-opus-4-5-20*",
        "5",
        "25",
        "0.50",
        "6.25",
    ),
    _usd(
        "claude-opus-4-0 claude-opus-4-1 claude-opus-4-20* claude-opus-4-1-20*", "15", "75", "1.50", "18.75"
    ),
    _usd("claude-sonnet-5", "2", "10", "0.20", "2.50"),
    _usd(
        "claude-sonnet-4-0 claude-sonnet-4-5 claude-sonnet-4-20* claude-sonnet-4-5-20* claude-3-7-sonnet-*",
        "3",
        "15",
        "0.30",
        "3.75",
    ),
    _usd("claude-haiku-4-5 claude-haiku-4-5-20*", "1", "5", "0.10", "1.25"),
    _usd("claude-3-5-haiku-*", "0.80", "4", "0.08", "1"),
    _usd("gemini-3.5-flash", "1.50", "9", "0.15"),
    _usd("gemini-3.5-flash-lite", "0.30", "2.50", "0.03"),
    _usd("gemini-2.5-pro", "1.25", "10", "0.125"),
    _usd("gemini-2.5-flash-lite", "0.10", "0.40", "0.01"),
    _usd("gemini-2.5-flash", "0.30", "2.50", "0.03"),
)
