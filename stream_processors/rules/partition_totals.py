"""What the agents of a partition spent together: at every moment the sum of what stands in their own states.

So a restart needs no totals, and they are exact whatever it restores: an agent that is restored ahead of the
others brings its part along. They are published when they changed, at moments that the log alone decides:
ticks, of which some seconds' take turns, and the first record of a day, before the day before can be dropped.
While a replay catches up with what was restored there is nothing to publish: a checkpoint stores outputs
before states, so what led to a state that is stored was published before.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

import msgspec

from schemas.block import Kind
from schemas.derived import Spend, SpendFigure
from schemas.errors import InvalidMessageError
from schemas.messages.cost import units_text
from schemas.timestamps import date_text
from stream_processors.rules.decay import DAY, SECOND
from stream_processors.rules.evidence import CostRow, SegmentEvidence
from stream_processors.rules.ledger import LedgerDay, Line, Sum, add_to_day, sums_of, turn_to
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
    """Whose totals: those of a tenant's cost centre on a day, counted from 1970."""

    tenant_id: str
    cost_center: str
    day: int


class PartitionTotals:
    """Kept up to date with the agents' states, and published."""

    def __init__(self, agents: Iterable[AgentState], restored: int, moment: Moment | None = None) -> None:
        """Begin with what the states hold; `restored` is the highest offset that any of them has absorbed."""
        self.moment = moment or Moment()
        self._moment_moved = False
        self._restored = max(restored, self.moment.offset)
        # By currency and price version.
        self.sums: dict[TotalKey, dict[tuple[str, int], Sum]] = {}
        # Those that changed since the moment, each with the offset at which it did last.
        self._touched: dict[TotalKey, int] = {}
        for state in agents:
            for day in state.ledger or ():
                for line in day.lines:
                    self._restore(state.tenant_id, day, line)

    def absorb(self, state: AgentState, evidence: SegmentEvidence, offset: int) -> None:
        """Add an agent's cost entries at its clock, to its own ledger and to the totals alike."""
        if evidence.kind is not Kind.COST:
            return
        if state.ledger is None:
            state.ledger = []
        today, dropped = turn_to(state.ledger, state.clock // DAY)
        self._subtract(state.tenant_id, dropped)
        for key, added in add_to_day(today, sums_of(cast("list[CostRow]", evidence.rows)), offset):
            total = TotalKey(state.tenant_id, key.cost_center, today.day)
            self._add(total, (key.currency, key.price_version), added)
            # A moment that was restored ahead has published it.
            if offset >= self.moment.offset:
                self._touched[total] = offset

    def forget(self, state: AgentState) -> None:
        """An agent is no more; what it spent on days that are published stays as it was published."""
        self._subtract(state.tenant_id, state.ledger or ())

    def observe(self, kind: Kind, offset: int, timestamp: int, outputs: Outputs) -> None:
        """Take note of a record before it is absorbed; publish what changed, if it is the moment for that."""
        if offset <= self.moment.offset or not self._is_moment(kind, timestamp):
            return
        self.moment = Moment(offset, timestamp, max(timestamp, self.moment.clock))
        self._moment_moved = True
        if offset > self._restored:
            for key in sorted(self._touched):
                outputs.add_spend(self._spend(key, outputs.partition), now=self.moment.clock)
        # An agent that was restored ahead has touched later.
        self._touched = {key: at for key, at in self._touched.items() if at >= offset}

    def drain_moment(self) -> list[Moment]:
        """The moment, if it is another than at the last call."""
        moved, self._moment_moved = self._moment_moved, False
        return [self.moment] if moved else []

    def _is_moment(self, kind: Kind, timestamp: int) -> bool:
        last = self.moment.timestamp
        if timestamp // DAY != last // DAY:
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
        return Spend(key.tenant_id, key.cost_center, date_text(key.day), partition, figures)

    def _restore(self, tenant_id: str, day: LedgerDay, line: Line) -> None:
        key = TotalKey(tenant_id, line.cost_center, day.day)
        self._add(key, (line.currency, line.price_version), line.sum)
        if line.changed_at >= self.moment.offset:
            self._touched[key] = max(line.changed_at, self._touched.get(key, 0))

    def _add(self, key: TotalKey, figure: tuple[str, int], added: Sum) -> None:
        sums = self.sums.setdefault(key, {})
        sums[figure] = sums[figure].plus(added) if figure in sums else added

    def _subtract(self, tenant_id: str, days: Iterable[LedgerDay]) -> None:
        for key, figure, gone in _parts(tenant_id, days):
            sums = self.sums[key]
            left = sums[figure].minus(gone)
            if left.entries:
                sums[figure] = left
                continue
            del sums[figure]
            if not sums:
                del self.sums[key]


def _parts(tenant_id: str, days: Iterable[LedgerDay]) -> Iterator[tuple[TotalKey, tuple[str, int], Sum]]:
    for day in days:
        for line in day.lines:
            key = TotalKey(tenant_id, line.cost_center, day.day)
            yield key, (line.currency, line.price_version), line.sum


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
