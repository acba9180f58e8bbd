"""What a whole tenant spends, in the one partition that its id leads to, and its budgets.

Like an agent's, a tenant's state is a function of the log up to its own fence. It holds the newest totals of
each partition, and what was said of each budget: nothing else of what is asked of all agents together.
"""

import msgspec

from schemas.budgets import BudgetPeriod, BudgetScope, BudgetTerms
from schemas.derived import Alert, AlertState
from schemas.errors import InvalidMessageError
from schemas.messages.values import Severity
from schemas.timestamps import month_of, to_rfc3339
from schemas.totals_block import TotalsRow
from stream_processors.rules.budgets import CompiledBudget, Crossing, crossing_of
from stream_processors.rules.decay import DAY
from stream_processors.rules.outputs import Outputs, fingerprint
from stream_processors.rules.tenant_rules import TotalRule

BUDGET_SHARE = "budget_share"

# Far more than there are: names are of cost centres and agents that have budgets.
MOST_TOTALS = 10_000


class Total(msgspec.Struct, array_like=True):
    """What one partition reported last under a key: in which period, and how much, in cost units."""

    offset: int
    number: int
    units: str


class BudgetLife(msgspec.Struct, array_like=True):
    """A budget of which a threshold is crossed: since when, in which period, and how many are."""

    since: int
    number: int
    crossed: int
    severity: Severity


class TenantState(msgspec.Struct, array_like=True):
    """`totals` by what `total_key` makes and partition; `budgets`, `rules` by their ids; `clock` in ms."""

    tenant_id: str
    fence: int = -1
    clock: int = 0
    totals: dict[str, dict[int, Total]] = msgspec.field(default_factory=dict)
    budgets: dict[str, BudgetLife] = msgspec.field(default_factory=dict)
    rules: dict[str, TotalRule] = msgspec.field(default_factory=dict)


def total_key(scope: BudgetScope, name: str, period: BudgetPeriod, currency: str) -> str:
    """The key of totals; a name comes last, as it may hold anything."""
    return f"{scope}/{period}/{currency}/{name}"


def absorb_totals(state: TenantState, rows: list[TotalsRow]) -> None:
    """Take what a partition reports, unless a later report of it was taken before."""
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


def look_at_budgets(state: TenantState, budgets: list[CompiledBudget], now: int, outputs: Outputs) -> bool:
    """Publish each threshold that is crossed, once a period, and its end; True if the state changed."""
    changed = False
    left = dict(state.budgets)
    for one in sorted(budgets, key=lambda one: one.budget.budget_id):
        terms, budget_id = one.budget.terms, one.budget.budget_id
        number = number_of(terms.period, now)
        spent = spent_in(state, terms, number)
        found, life = crossing_of(one, spent), left.pop(budget_id, None)
        if life is not None and (life.number != number or not found.crossed):
            _end(state, budget_id, life, now, outputs)
            changed, life = True, None
        if found.crossed > (life.crossed if life is not None else 0):
            since = life.since if life is not None else now
            state.budgets[budget_id] = BudgetLife(since, number, found.crossed, found.severity)
            alert = _firing(state, budget_id, since, found)
            outputs.add(f"budget/{budget_id}", alert, now=now, line=0, key=alert.fingerprint)
            changed = True
    for budget_id, life in sorted(left.items()):
        _end(state, budget_id, life, now, outputs)
        changed = True
    return changed


def _firing(state: TenantState, budget_id: str, since: int, found: Crossing) -> Alert:
    return Alert(
        tenant_id=state.tenant_id,
        agent_id="",
        fingerprint=fingerprint(f"{BUDGET_SHARE}/{budget_id}", state.tenant_id, ""),
        rule=BUDGET_SHARE,
        state=AlertState.FIRING,
        severity=found.severity,
        summary=found.summary,
        started_at=to_rfc3339(since),
        ended_at=None,
        evidence=[],
    )


def _end(state: TenantState, budget_id: str, life: BudgetLife, now: int, outputs: Outputs) -> None:
    del state.budgets[budget_id]
    alert = Alert(
        tenant_id=state.tenant_id,
        agent_id="",
        fingerprint=fingerprint(f"{BUDGET_SHARE}/{budget_id}", state.tenant_id, ""),
        rule=BUDGET_SHARE,
        state=AlertState.RESOLVED,
        severity=life.severity,
        summary=f"the budget {budget_id} has a new period, or other terms",
        started_at=to_rfc3339(life.since),
        ended_at=to_rfc3339(now),
        evidence=[],
    )
    # An id of its own, as the same record may fire the next life.
    outputs.add(f"budget-end/{budget_id}", alert, now=now, line=0, key=alert.fingerprint)


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
