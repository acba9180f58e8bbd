"""What a whole tenant spends, in the one partition that its id leads to.

Like an agent's, a tenant's state is a function of the log up to its own fence. It holds the newest totals of
each partition, and the alerts about them: nothing else of what is asked of all agents together.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import msgspec

from schemas.budgets import BudgetPeriod, BudgetScope, BudgetTerms
from schemas.errors import InvalidMessageError
from schemas.timestamps import month_of
from schemas.totals_block import TotalsRow
from stream_processors.rules.budgets import CompiledBudget
from stream_processors.rules.decay import DAY
from stream_processors.rules.tenant_budgets import BudgetLife, Spending
from stream_processors.rules.tenant_rules import TotalRule

# Far more than there are: names are of cost centres and agents that have budgets.
MOST_TOTALS = 10_000

# Keys of totals, each with the day or month, of which a record reports more than was known.
Grown = AbstractSet[tuple[str, int]]


class Total(msgspec.Struct, array_like=True):
    """What one partition reported last under a key: in which period, and how much, in cost units."""

    offset: int
    number: int
    units: str


class TenantState(msgspec.Struct, array_like=True):
    """`totals` by what `total_key` makes and partition; `budgets`, `rules` by their ids; `clock` in ms.

    `budgets` are those of which a threshold is reached.
    """

    tenant_id: str
    fence: int = -1
    clock: int = 0
    totals: dict[str, dict[int, Total]] = msgspec.field(default_factory=dict)
    budgets: dict[str, BudgetLife] = msgspec.field(default_factory=dict)
    rules: dict[str, TotalRule] = msgspec.field(default_factory=dict)


def total_key(scope: BudgetScope, name: str, period: BudgetPeriod, currency: str) -> str:
    """The key of totals; a name comes last, as it may hold anything."""
    return f"{scope}/{period}/{currency}/{name}"


def absorb_totals(state: TenantState, rows: list[TotalsRow]) -> Grown:
    """Take what a partition reports, unless a later report of it was taken before; says what has grown."""
    grown = set()
    for row in rows:
        key = total_key(row.scope, row.name, row.period, row.currency)
        by_partition = state.totals.get(key)
        if by_partition is None:
            if len(state.totals) >= MOST_TOTALS:
                continue
            by_partition = state.totals[key] = {}
        known = by_partition.get(row.log_partition)
        if known is None or (row.number, row.offset) > (known.number, known.offset):
            by_partition[row.log_partition] = Total(row.offset, row.number, row.units)
            before = int(known.units) if known is not None and known.number == row.number else 0
            if int(row.units) > before:
                grown.add((key, row.number))
    return grown


def spent_in(state: TenantState, terms: BudgetTerms, number: int) -> int:
    """What was spent of a budget in the day or month of that number, in cost units; reads only."""
    totals = state.totals.get(total_key(terms.scope, terms.name, terms.period, terms.currency), {})
    spent = 0
    for total in totals.values():
        if total.number == number:
            spent += int(total.units)
    return spent


def number_of(period: BudgetPeriod, now: int) -> int:
    """Which day or month from 1970 a moment, in milliseconds, is in."""
    day = now // DAY
    return day if period is BudgetPeriod.DAY else month_of(day)


def spendings(
    state: TenantState, budgets: Iterable[CompiledBudget], grown: Grown, now: int
) -> Iterator[Spending]:
    """What is spent of each budget in its period of now, in milliseconds."""
    for one in budgets:
        terms = one.budget.terms
        number = number_of(terms.period, now)
        key = total_key(terms.scope, terms.name, terms.period, terms.currency)
        yield Spending(one, number, spent_in(state, terms, number), fresh=(key, number) in grown)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(TenantState)


def encode_tenant(state: TenantState) -> bytes:
    """The packed state; equal states give equal bytes."""
    return _encoder.encode(state)


def decode_tenant(packed: bytes) -> TenantState:
    """Read a packed state.

    Raises:
        InvalidMessageError: the bytes are none of this release.
    """
    try:
        return _decoder.decode(packed)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not the totals of a tenant: {error}") from error
