"""What tokens cost by a price table; pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from policy_engine.names import Names
from schemas.messages.cost import CostMetric, CostRow, decimal_text
from schemas.prices import BUILT_IN_CURRENCY, BUILT_IN_PRICES, BUILT_IN_VERSION, ModelPrice

_MILLION = 10**6
# Agents call few models, but may make up names without end.
_MOST_KNOWN = 1_000


class _Listed(NamedTuple):
    names: Names
    price: ModelPrice


class Prices:
    """A price table made ready; remembers which price is whose."""

    def __init__(self, version: int, currency: str, prices: Sequence[ModelPrice]) -> None:
        """Of prices that name a model the first counts."""
        self.version = version
        self._currency = currency
        self._listed = [_Listed(Names(price.models), price) for price in prices]
        self._known: dict[str, ModelPrice | None] = {}

    def price(self, rows: Iterable[CostRow]) -> None:
        """Write what tokens cost on entries that say nothing of money, and by which version that was found.

        A model that the table does not name leaves its entries without a price.
        """
        for row in rows:
            if row.cost is not None:
                continue
            if row.metric_type is CostMetric.TOKENS_IN:
                counted = _input_cost
            elif row.metric_type is CostMetric.TOKENS_OUT:
                counted = _output_cost
            else:
                continue
            price = self._price_of(row.model)
            if price is not None:
                row.cost = decimal_text(counted(row, price), "cost")
                row.currency, row.price_version = self._currency, self.version

    def _price_of(self, model: str) -> ModelPrice | None:
        try:
            return self._known[model]
        except KeyError:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[model] = self._find(model)
            return found

    def _find(self, model: str) -> ModelPrice | None:
        # Some libraries name the provider too: openai/gpt-4o.
        for name in dict.fromkeys((model, model.rpartition("/")[2])):
            for listed in self._listed:
                if name in listed.names:
                    return listed.price
        return None


BUILT_IN = Prices(BUILT_IN_VERSION, BUILT_IN_CURRENCY, BUILT_IN_PRICES)


def _input_cost(row: CostRow, price: ModelPrice) -> Decimal:
    amount, read, created = Decimal(row.amount), row.cache_read_tokens or 0, row.cache_creation_tokens or 0
    # They are part of the amount; where they cannot be, somebody has counted them apart.
    fresh = amount - read - created if read + created <= amount else amount
    return (
        fresh * price.input
        + read * (price.input if price.cached_input is None else price.cached_input)
        + created * (price.input if price.cache_creation is None else price.cache_creation)
    ) / _MILLION


def _output_cost(row: CostRow, price: ModelPrice) -> Decimal:
    amount, reasoning = Decimal(row.amount), row.reasoning_tokens or 0
    spoken = amount - reasoning if reasoning <= amount else amount
    each = price.output if price.reasoning is None else price.reasoning
    return (spoken * price.output + reasoning * each) / _MILLION
