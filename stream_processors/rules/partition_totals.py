"""What the agents of a partition spent together: at every moment the sum of what stands in their own states.

So a restart needs no totals, and they are exact whatever it restores: an agent that is restored ahead of the
others brings its part along. They are published when they changed, at moments that the log alone decides:
ticks, of which some seconds' take turns, and the first record of a day or of a stretch of the log, before the
one before can be dropped.
While a replay catches up with what was restored there is nothing to publish: a checkpoint stores outputs
before states, so what led to a state that is stored was published before.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

import msgspec

from schemas.block import Kind
from schemas.budgets import BudgetPeriod
from schemas.derived import Spend, SpendFigure
from schemas.errors import InvalidMessageError
from schemas.messages.cost import units_text
from schemas.timestamps import date_text, month_of
from stream_processors.rules.counts import stretch_of
from stream_processors.rules.decay import DAY, SECOND
from stream_processors.rules.evidence import CostRow, SegmentEvidence
from stream_processors.rules.ledger import (
    FigureKey,
    Ledger,
    LedgerPeriod,
    Sum,
    add_up,
    by_currency,
    sums_of,
    turn_to,
)
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.state import AgentState

# How often totals are published while they change.
TURN = 5 * SECOND


class Moment(msgspec.Struct, array_like=True, frozen=True):
    """When totals were published last: the record's offset, its time, and that made monotone (ms)."""

    offset: int = -1
    timestamp: int = 0
    clock: int = 0


class TotalKey(NamedTuple):
    """Whose totals: those of a tenant's cost centre in a day or month, counted from 1970."""

    tenant_id: str
    cost_center: str
    period: BudgetPeriod
    number: int


class PartitionTotals:
    """Kept up to date with the agents' states, and published."""

    def __init__(self, restored: int, moment: Moment | None = None) -> None:
        """Begin with no agent; `restored` is the highest offset that whatever was restored has absorbed."""
        self.moment = moment or Moment()
        self._moment_moved = False
        self._restored = max(restored, self.moment.offset)
        # By currency and price version.
        self.sums: dict[TotalKey, dict[tuple[str, int], Sum]] = {}
        # Agents that spent since the moment, each with the offset at which it did last.
        self._touched_agents: dict[str, int] = {}
        # Totals that changed since the moment, likewise.
        self._touched: dict[TotalKey, int] = {}

    def restore(self, state: AgentState) -> None:
        """Add what the restored state of an agent holds."""
        self._restored = max(self._restored, state.fence)
        if state.ledger is not None:
            self._restore(state, state.ledger)

    def absorb(self, state: AgentState, evidence: SegmentEvidence, offset: int) -> None:
        """Add an agent's cost entries at its clock, to its own ledger and to the totals alike."""
        if evidence.kind is not Kind.COST:
            return
        if state.ledger is None:
            state.ledger = Ledger()
        sums = sums_of(cast("list[CostRow]", evidence.rows))
        day = state.clock // DAY
        self._absorb(state, state.ledger.days, (BudgetPeriod.DAY, day), sums, offset)
        money = by_currency(sums)
        if money:
            self._absorb(state, state.ledger.months, (BudgetPeriod.MONTH, month_of(day)), money, offset)
        if offset >= self.moment.offset:
            self._touched_agents[state.key] = offset

    def forget(self, state: AgentState) -> None:
        """An agent is no more; what it spent in periods that are over stays as it was published."""
        if state.ledger is not None:
            for period, kept in _periods(state.ledger):
                self._subtract(state.tenant_id, period, kept)

    def observe(self, kind: Kind, offset: int, timestamp: int, outputs: Outputs) -> bool:
        """Take note of a record before it is absorbed; publish what changed, if it is the moment for that.

        True when it is, and something is to be reported; `settle` has to follow then.
        """
        if offset <= self.moment.offset or not self._is_moment(kind, offset, timestamp):
            return False
        self.moment = Moment(offset, timestamp, max(timestamp, self.moment.clock))
        self._moment_moved = True
        if offset <= self._restored:
            self.settle(offset)
            return False
        for key in sorted(self._touched):
            if key.period is BudgetPeriod.DAY:
                outputs.add_spend(self._spend(key, outputs.partition), now=self.moment.clock)
        return True

    def touched(self) -> tuple[Mapping[TotalKey, int], Mapping[str, int]]:
        """The totals, and the keys of agents, that changed since the moment before."""
        return self._touched, self._touched_agents

    def settle(self, offset: int) -> None:
        """Let go of what changed before the moment at `offset`."""
        # An agent that was restored ahead has touched later.
        self._touched = {key: at for key, at in self._touched.items() if at >= offset}
        self._touched_agents = {key: at for key, at in self._touched_agents.items() if at >= offset}

    def drain_moment(self) -> list[Moment]:
        """The moment, if it is another than at the last call."""
        moved, self._moment_moved = self._moment_moved, False
        return [self.moment] if moved else []

    def _is_moment(self, kind: Kind, offset: int, timestamp: int) -> bool:
        last = self.moment.timestamp
        if timestamp // DAY != last // DAY or stretch_of(offset) != stretch_of(self.moment.offset):
            return True
        return kind is Kind.TICK and timestamp // TURN != last // TURN

    def _spend(self, key: TotalKey, partition: int) -> Spend:
        figures = [
            SpendFigure(
                currency=currency,
                amount=units_text(total.money),
                price_version=version,
                entries=total.entries,
                unpriced_tokens=units_text(total.unpriced),
            )
            for (currency, version), total in sorted(self.sums.get(key, {}).items())
        ]
        return Spend(key.tenant_id, key.cost_center, date_text(key.number), partition, figures)

    def _absorb(
        self,
        state: AgentState,
        periods: list[LedgerPeriod],
        which: tuple[BudgetPeriod, int],
        sums: dict[FigureKey, Sum],
        offset: int,
    ) -> None:
        period, number = which
        current, dropped = turn_to(periods, number)
        self._subtract(state.tenant_id, period, dropped)
        for key, added in add_up(current, sums, offset):
            total = TotalKey(state.tenant_id, key.cost_center, period, number)
            self._add(total, (key.currency, key.price_version), added)
            # A moment that was restored ahead has published it; that of the record itself came before.
            if offset >= self.moment.offset:
                self._touched[total] = offset

    def _restore(self, state: AgentState, ledger: Ledger) -> None:
        for period, kept in _periods(ledger):
            for one in kept:
                for line in one.lines:
                    key = TotalKey(state.tenant_id, line.cost_center, period, one.number)
                    self._add(key, (line.currency, line.price_version), line.sum)
                    if line.changed_at >= self.moment.offset:
                        self._touched[key] = max(line.changed_at, self._touched.get(key, 0))
                        latest = max(line.changed_at, self._touched_agents.get(state.key, 0))
                        self._touched_agents[state.key] = latest

    def _add(self, key: TotalKey, figure: tuple[str, int], added: Sum) -> None:
        sums = self.sums.setdefault(key, {})
        sums[figure] = sums[figure].plus(added) if figure in sums else added

    def _subtract(self, tenant_id: str, period: BudgetPeriod, gone: Iterable[LedgerPeriod]) -> None:
        for one in gone:
            for line in one.lines:
                key = TotalKey(tenant_id, line.cost_center, period, one.number)
                figure, sums = (line.currency, line.price_version), self.sums[key]
                left = sums[figure].minus(line.sum)
                if left.entries:
                    sums[figure] = left
                    continue
                del sums[figure]
                if not sums:
                    del self.sums[key]


def _periods(ledger: Ledger) -> Iterator[tuple[BudgetPeriod, list[LedgerPeriod]]]:
    yield BudgetPeriod.DAY, ledger.days
    yield BudgetPeriod.MONTH, ledger.months


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Moment)


def encode_moment(moment: Moment) -> bytes:
    """The moment as a checkpoint holds it."""
    return _encoder.encode(moment)


def decode_moment(packed: bytes) -> Moment:
    """Read a packed moment.

    Raises:
        InvalidMessageError: the bytes are none of this release.
    """
    try:
        return _decoder.decode(packed)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not the moment of totals: {error}") from error
