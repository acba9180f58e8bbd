"""Component K: burning more than usual, in a short and in a longer window at once.

As in multiwindow burn-rate alerts (The Site Reliability Workbook, chapter 5): the short window says that it
goes on, the longer one that it is no blip. What is usual is the agent's own rate over weeks. Each metric of
cost is judged by itself, as tokens, seconds and money do not add up.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from schemas.messages.cost import CostMetric
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.context import Context
from stream_processors.rules.decay import decay_factor
from stream_processors.rules.evidence import CostRow, EventRef

_METRICS = {metric.value: place for place, metric in enumerate(CostMetric)}


class Spent(msgspec.Struct, array_like=True):
    """Decayed amounts of one metric in four windows as of `at`; `since` is its first entry (both ms)."""

    since: int
    at: int
    fast: float = 0.0
    slow: float = 0.0
    recent: float = 0.0
    usual: float = 0.0


class SpendingState(msgspec.Struct, array_like=True):
    """What was spent, by metric, and the last entry."""

    by_metric: list[Spent | None] = msgspec.field(default_factory=lambda: [None] * len(_METRICS))
    last_entry: EventRef | None = None


class Burn(NamedTuple):
    """How many times its usual rate an agent spends, in the metric where that is most, and what it costs."""

    times: float
    nats: float


def absorb_costs(state: SpendingState, context: Context, rows: Sequence[CostRow]) -> None:
    """Add the entries of one segment; a metric of a later version counts for nothing."""
    model, now = context.model, context.clock
    for seq, row in enumerate(rows):
        metric = _METRICS.get(row.metric_type)
        if metric is None:
            continue
        spent = state.by_metric[metric]
        if spent is None:
            spent = state.by_metric[metric] = Spent(now, now)
        elif spent.at != now:
            fast, slow, recent, usual = _left(spent.at, model, now)
            spent.fast *= fast
            spent.slow *= slow
            spent.recent *= recent
            spent.usual *= usual
            spent.at = now
        amount = float(row.amount)
        spent.fast += amount
        spent.slow += amount
        spent.recent += amount
        spent.usual += amount
        state.last_entry = EventRef(context.batch_id, seq)


def read_burn(state: SpendingState, model: Calibration, now: int) -> Burn:
    """K as of `now`; reads only."""
    times = 0.0
    for spent in state.by_metric:
        if spent is not None and now - spent.since >= model.spending_learning:
            times = max(times, _times_usual(spent, model, now))
    parameters = model.parameters.spending
    over = times / parameters.tolerated_multiple - 1.0
    return Burn(times, min(parameters.cap, parameters.slope * over) if over > 0.0 else 0.0)


def _times_usual(spent: Spent, model: Calibration, now: int) -> float:
    """The lesser of the short and the longer window's rates over the usual rate.

    A decayed sum over its half-life is proportional to a rate. The usual one leaves out what is recent, which
    would make it follow a burn at once: the difference of two decayed sums weighs entries most that are a few
    days old. Both are corrected for how long entries are known.
    """
    fast, slow, recent, usual = _left(spent.at, model, now)
    fast_half_life, slow_half_life, recent_half_life, usual_half_life = model.spending_half_lives
    _, _, recent_seen, usual_seen = _left(spent.since, model, now)
    span = usual_half_life * (1.0 - usual_seen) - recent_half_life * (1.0 - recent_seen)
    before = spent.usual * usual - spent.recent * recent
    if before <= 0.0 or span <= 0.0:
        return 0.0
    rate = min(spent.fast * fast / fast_half_life, spent.slow * slow / slow_half_life)
    return rate * span / before


def _left(since: int, model: Calibration, now: int) -> tuple[float, float, float, float]:
    fast, slow, recent, usual = model.spending_half_lives
    return (
        decay_factor(since, now, fast),
        decay_factor(since, now, slow),
        decay_factor(since, now, recent),
        decay_factor(since, now, usual),
    )
