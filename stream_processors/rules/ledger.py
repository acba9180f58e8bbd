"""What an agent has spent by day and month, cost centre, currency and price version: its part of all totals.

The day is that of the log's clock, UTC, when the entries came: what an agent says of when it spent does not
count, as back-dating would change days that were looked at already.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from schemas.messages.cost import CostMetric, cost_units
from schemas.timestamps import month_of
from stream_processors.rules.decay import DAY
from stream_processors.rules.evidence import CostRow

# Days, and months, in which the agent spent: the last, and the one before, whose totals may not be published.
KEPT_PERIODS = 2

# Cost centres are whatever agents say, so a day holds so many figures of an agent; more go to one cost
# centre of this name, and should that have as many currencies again, are counted without an amount.
MOST_LINES = 32
OTHERS = "(others)"

UNKNOWN_CURRENCY = ""

_TOOL_COST = CostMetric.TOOL_COST.value
_TOKENS = frozenset({CostMetric.TOKENS_IN.value, CostMetric.TOKENS_OUT.value})


class FigureKey(NamedTuple):
    """What is added up by itself: `price_version` 0 is what agents were billed, currency "" has no price."""

    cost_center: str
    currency: str
    price_version: int


class Sum(NamedTuple):
    """Entries added up: how many, their money, and tokens without a price, both in cost units."""

    entries: int = 0
    money: int = 0
    unpriced: int = 0

    def plus(self, other: "Sum") -> "Sum":
        """Both together."""
        return Sum(self.entries + other.entries, self.money + other.money, self.unpriced + other.unpriced)

    def minus(self, other: "Sum") -> "Sum":
        """Without what is part of it."""
        return Sum(self.entries - other.entries, self.money - other.money, self.unpriced - other.unpriced)


class Line(msgspec.Struct, array_like=True):
    """A figure of an agent's day, changed last by the record at `changed_at`.

    Cost units as texts, because they have up to 90 bits and more.
    """

    cost_center: str
    currency: str
    price_version: int
    changed_at: int
    entries: int = 0
    money: str = "0"
    unpriced: str = "0"

    @property
    def key(self) -> FigureKey:
        """What it adds up."""
        return FigureKey(self.cost_center, self.currency, self.price_version)

    @property
    def sum(self) -> Sum:
        """How much that is."""
        return Sum(self.entries, int(self.money), int(self.unpriced))


class LedgerPeriod(msgspec.Struct, array_like=True):
    """A day or month, counted from 1970, and its figures in the order in which they began."""

    number: int
    lines: list[Line] = msgspec.field(default_factory=list)


class Ledger(msgspec.Struct, array_like=True):
    """The last days and months in which an agent spent; of months only money counts, whatever its price."""

    days: list[LedgerPeriod] = msgspec.field(default_factory=list)
    months: list[LedgerPeriod] = msgspec.field(default_factory=list)

    def spent_this_month(self, now: int) -> bool:
        """Whether something in it counts in the month that `now`, in milliseconds, is in."""
        return bool(self.months) and self.months[-1].number == month_of(now // DAY)


def money_of(row: CostRow) -> Decimal | None:
    """What a tool cost, or what anything else was billed at or priced, if that is known."""
    return row.amount if row.metric_type == _TOOL_COST else row.cost


def sums_of(rows: Sequence[CostRow]) -> dict[FigureKey, Sum]:
    """The entries of one request added up, in the order of their first."""
    # Lists while they are added to: this runs for each entry.
    sums: dict[tuple[str, str, int], list[int]] = {}
    for row in rows:
        money, unpriced, key = money_of(row), 0, (row.cost_center, UNKNOWN_CURRENCY, 0)
        units = 0
        if money is None or not row.currency:
            if money is None and row.metric_type in _TOKENS:
                unpriced = cost_units(row.amount)
        else:
            key, units = (row.cost_center, row.currency, row.price_version or 0), cost_units(money)
        found = sums.get(key)
        if found is None:
            sums[key] = [1, units, unpriced]
        else:
            found[0] += 1
            found[1] += units
            found[2] += unpriced
    return {FigureKey(*key): Sum(*found) for key, found in sums.items()}


def by_currency(sums: dict[FigureKey, Sum]) -> dict[FigureKey, Sum]:
    """The same without what has no price, and whatever the price."""
    merged: dict[FigureKey, Sum] = {}
    for (cost_center, currency, _), added in sums.items():
        if currency != UNKNOWN_CURRENCY:
            key = FigureKey(cost_center, currency, 0)
            merged[key] = merged[key].plus(added) if key in merged else added
    return merged


def turn_to(periods: list[LedgerPeriod], number: int) -> tuple[LedgerPeriod, list[LedgerPeriod]]:
    """The period of that number, begun if it is new, and those that were dropped for it."""
    if not periods or periods[-1].number != number:
        periods.append(LedgerPeriod(number))
    dropped = periods[:-KEPT_PERIODS]
    del periods[:-KEPT_PERIODS]
    return periods[-1], dropped


def add_up(period: LedgerPeriod, sums: dict[FigureKey, Sum], offset: int) -> Iterator[tuple[FigureKey, Sum]]:
    """Add what the record at `offset` brings; yields each sum under the key under which it now stands."""
    for key, added in sums.items():
        line, counted = _line(period, key), added
        if line.currency != key.currency:
            counted = Sum(added.entries)
        total = line.sum.plus(counted)
        line.entries, line.money, line.unpriced = total.entries, str(total.money), str(total.unpriced)
        line.changed_at = offset
        yield line.key, counted


def _line(period: LedgerPeriod, key: FigureKey) -> Line:
    """Where a figure is added up: its own line while there is room, else one of the others'."""
    fallbacks = (key, FigureKey(OTHERS, *key[1:]), FigureKey(OTHERS, UNKNOWN_CURRENCY, 0))
    for room, wanted in zip((MOST_LINES, 2 * MOST_LINES, 2 * MOST_LINES + 1), fallbacks, strict=True):
        line = next((line for line in period.lines if line.key == wanted), None)
        if line is None and len(period.lines) < room:
            line = Line(*wanted, changed_at=0)
            period.lines.append(line)
        if line is not None:
            return line
    raise AssertionError("there is always room for the last one")
