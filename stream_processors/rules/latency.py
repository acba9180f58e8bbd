"""Component L: slower than the agent itself used to be with the same tools; consistently slow costs nothing.

The baseline of a class of tools is a robust running mean of the logarithm of latency, with steps clipped in
the manner of Huber; the spread of all around their baselines is learnt likewise. What counts is a fast mean
of how far the latest calls lie above their baselines. A baseline rises slowly, so that creeping does not pay.
"""

from collections.abc import Sequence

import msgspec

from stream_processors.rules.calibration import Calibration
from stream_processors.rules.context import Context
from stream_processors.rules.decay import DAY
from stream_processors.rules.elementary import natural_log
from stream_processors.rules.evidence import CLASSES, EventRef

_BASELINE_MEMORY = 512
_RECENT_STEP = 1.0 / 16.0
_BASELINE_CLIP = 3.0
_RECENT_CLIP = 6.0
# A single call may count as seven times slower at the most, whatever the spread.
_LEAST_RECENT_CLIP = 2.0

# A factor of 1.65, until the agent's own spread is known; a smaller one than a tenth is not believed.
_FIRST_SPREAD = 0.5
_LEAST_SPREAD = 0.1

# A baseline's own fluctuation, with room to spare: rises up to here are learnt at once.
_SLACK = 0.2

# Milliseconds: shorter or longer ones are taken for these.
_SHORTEST = 0.01
_LONGEST = 1e9

# The recent mean remembers about as many calls as this; more of one request would tell no more.
_MOST_CALLS = 16

# A call's place in its batch, its class of tools, and its milliseconds.
Timed = tuple[int, int, float]


class Baseline(msgspec.Struct, array_like=True):
    """The usual ln(latency) of a class of tools after `calls`, as of `at` (ms), and how far it may rise."""

    at: int
    mean: float
    limit: float
    calls: int = 1


class LatencyState(msgspec.Struct, array_like=True):
    """Baselines by class, their common spread, how far above them the latest calls lie, the last slow one."""

    calls: int = 0
    spread: float = _FIRST_SPREAD
    recent: float = 0.0
    baselines: list[Baseline | None] = msgspec.field(default_factory=lambda: [None] * CLASSES)
    last_slow: EventRef | None = None


def absorb_latencies(state: LatencyState, context: Context, timed: Sequence[Timed]) -> bool:
    """Learn from the calls of one segment in their order; of many, from some that are evenly spread.

    True when one was slow and slowness costs by now.
    """
    now, tolerance = context.clock, context.model.latency_tolerance
    slow = -1
    for seq, tool_class, milliseconds in timed[:: 1 + (len(timed) - 1) // _MOST_CALLS]:
        logarithm = natural_log(min(max(milliseconds, _SHORTEST), _LONGEST))
        baseline = state.baselines[tool_class]
        if baseline is None:
            state.baselines[tool_class] = Baseline(now, logarithm, logarithm + _SLACK)
            continue
        above = logarithm - baseline.mean
        state.calls += 1
        _learn_baseline(state, baseline, context, above)
        _learn_spread(state, above)
        limit = max(_LEAST_RECENT_CLIP, _RECENT_CLIP * state.spread)
        state.recent += _RECENT_STEP * (_clipped(above, limit) - state.recent)
        if above > tolerance:
            slow = seq
    if slow < 0:
        return False
    state.last_slow = EventRef(context.batch_id, slow)
    return slowness(state, context.model) > 0.0


def slowness(state: LatencyState, model: Calibration) -> float:
    """Ln of how many times slower than usual, beyond what is tolerated; 0 until the usual is known."""
    if state.calls < model.parameters.latency.least_calls:
        return 0.0
    return max(0.0, state.recent - max(model.latency_tolerance, state.spread))


def slowness_cost(state: LatencyState, model: Calibration) -> float:
    """L in nats; reads only."""
    parameters = model.parameters.latency
    return min(parameters.cap, parameters.slope * slowness(state, model))


def _learn_baseline(state: LatencyState, baseline: Baseline, context: Context, above: float) -> None:
    baseline.calls = min(baseline.calls + 1, _BASELINE_MEMORY)
    baseline.limit = _limit(state, baseline, context)
    step = _clipped(above, _BASELINE_CLIP * state.spread) / baseline.calls
    baseline.mean = min(baseline.mean + step, baseline.limit)
    baseline.at = context.clock


def _learn_spread(state: LatencyState, above: float) -> None:
    """Around where the latest calls lie, or else a slowdown would soon pass for spread."""
    off = abs(_clipped(above - state.recent, _BASELINE_CLIP * state.spread))
    rate = 1.0 / min(state.calls + 1, _BASELINE_MEMORY)
    state.spread = max(_LEAST_SPREAD, state.spread + rate * (off - state.spread))


def _limit(state: LatencyState, baseline: Baseline, context: Context) -> float:
    """How high the baseline may be: a little above where it is, or where it may have crept to by now.

    Limiting the single steps instead would let those downwards win, and the baseline sink below the mean.
    """
    near = baseline.mean + _SLACK
    parameters = context.model.parameters.latency
    if state.calls < parameters.least_calls:
        return near
    return min(near, baseline.limit + parameters.learned_daily_rise * (context.clock - baseline.at) / DAY)


def _clipped(value: float, limit: float) -> float:
    # Mostly neither, and asking `min` and `max` costs five times as much.
    return value if -limit < value < limit else min(limit, max(-limit, value))
