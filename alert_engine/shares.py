"""What an agent adds to the rules over many agents of which it is one: the same for all of these rules."""

from collections.abc import Iterable
from operator import add, sub

import msgspec

from alert_engine.counters import COUNTERS, EVENTS
from schemas.totals_block import MOST

# Ids hold none.
_SEPARATOR = " "

# Shared, as it is by far the most common, and never added to.
_NO_MONEY: dict[str, int] = {}


class Amounts(msgspec.Struct, array_like=True, gc=False):
    """Counters by their places, and money by its series, as in a tally."""

    counters: list[int] = msgspec.field(default_factory=lambda: [0] * COUNTERS)
    money: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, other: "Amounts") -> None:
        """Add what came; a sum fits 64 bits."""
        # In C, as this runs once a request.
        self.counters = list(map(add, self.counters, other.counters))
        if max(self.counters) > MOST:
            self.counters = [min(MOST, one) for one in self.counters]
        if other.money:
            self._add_money(other.money)

    def less(self, other: "Amounts") -> "Amounts":
        """What is more than in another, which is nowhere less than nothing."""
        counters = [max(0, one - less) for one, less in zip(self.counters, other.counters, strict=True)]
        money = {name: max(0, one - other.money.get(name, 0)) for name, one in self.money.items()}
        return Amounts(counters, {name: one for name, one in money.items() if one})

    def _add_money(self, money: dict[str, int]) -> None:
        for name, amount in money.items():
            self.money[name] = min(MOST, self.money.get(name, 0) + amount)


def mark_of(counters: list[int], money: dict[str, int] | None, rows: int) -> Amounts:
    """Note how a tally stands, of which nothing but a request's rows is counted yet."""
    mark = Amounts(counters.copy(), dict(money) if money else _NO_MONEY)
    mark.counters[EVENTS] -= rows
    return mark


def added_since(mark: Amounts, counters: list[int], money: dict[str, int] | None) -> Amounts:
    """What was counted since in the same tally, which only grows."""
    added = list(map(sub, counters, mark.counters))
    if not money or money == mark.money:
        return Amounts(added, _NO_MONEY)
    return Amounts(added, {name: now - mark.money.get(name, 0) for name, now in money.items()})


def membership_of(keys: Iterable[str]) -> str:
    """One text for the keys of the rules to which an agent adds."""
    return _SEPARATOR.join(keys)


def keys_of(membership: str) -> list[str]:
    """The rules' keys again."""
    return membership.split(_SEPARATOR)
