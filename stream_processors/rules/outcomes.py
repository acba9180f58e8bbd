"""Component R: how an agent's work turns out, as discounted Beta evidence in two windows.

The estimate is the Beta reputation of Josang and Ismail (2002) with a forgetting factor, kept twice: a fast
window that notices, and a slow one that remembers, so that an on-off attacker cannot wait a fast window out.
The fast window is shrunk to the slow one, and so needs real evidence before it moves. Within a class of
outcomes the weight of an event falls with the class's recent evidence: it saturates near 0.7 a minute at any
rate, so a flood of trivial successes cannot outvote real work, and successes and failures weigh alike, so
busy agents are not put down.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from stream_processors.rules.calibration import Calibration
from stream_processors.rules.context import Context
from stream_processors.rules.decay import DAY, GRID, MINUTE, decay_factor, factor_of_steps
from stream_processors.rules.elementary import natural_log
from stream_processors.rules.evidence import CLASSES, EventRef, epoch_ms, moment_of
from stream_processors.rules.judging import Judged

# Late evidence counts as if it had come in time; a failure loses at most this much, so delay does not pay.
MAX_AGE = DAY
MAX_FAILURE_AGE = 5 * MINUTE
# As clocks and batches differ by as much, this is in time.
IN_TIME = 10_000


class OutcomeState(msgspec.Struct, array_like=True):
    """Sums of weights as of `at` (ms), the evidence offered in each class likewise, the last failure.

    `at` moves on only now and then; what comes later is written the larger for it (forward decay), so that an
    event touches only the sums that it adds to.
    """

    at: int = 0
    fast_successes: float = 0.0
    fast_failures: float = 0.0
    slow_successes: float = 0.0
    slow_failures: float = 0.0
    class_evidence: list[float] = msgspec.field(default_factory=lambda: [0.0] * CLASSES)
    last_failure: EventRef | None = None


class Weighed(NamedTuple):
    """R's slow part before the outcomes of a segment, and what saturation left of each one's full weight."""

    slow_ratio: float
    weights: list[float]


class OutcomeReading(msgspec.Struct, frozen=True, gc=False):
    """R at one moment.

    `ratio` is R, `slow_ratio` its slow part, `evidence` the decayed weight in the slow window and `successes`
    what of it speaks for the agent; `prior_share` is the part of 1 - R that only missing evidence explains.
    """

    ratio: float
    slow_ratio: float
    fast_successes: float
    fast_failures: float
    evidence: float
    successes: float
    prior_share: float


def absorb_outcomes(state: OutcomeState, context: Context, judged: Sequence[Judged]) -> Weighed:
    """Add the outcomes of one segment in their order."""
    model, now = context.model, context.clock
    fast, slow, by_class = _advance(state, model, now)
    parameters = model.parameters.outcomes
    successes = state.slow_successes * slow
    known = model.prior_total + successes + state.slow_failures * slow
    slow_ratio = (parameters.prior_successes + successes) / known
    saturation, evidence = parameters.saturation, state.class_evidence
    late_before = moment_of(now - IN_TIME)
    weights = []
    failed = -1
    for seq, outcome_class, success, share, _, timestamp in judged:
        weight = saturation / (saturation + evidence[outcome_class] * by_class)
        weights.append(weight)
        evidence[outcome_class] += share / by_class
        weight *= share
        fast_weight, slow_weight = weight / fast, weight / slow
        if timestamp is not None and (timestamp.tzinfo is None or timestamp < late_before):
            fast_left, slow_left = _left_of_late(timestamp, model, now, success=success)
            fast_weight *= fast_left
            slow_weight *= slow_left
        if success:
            state.fast_successes += fast_weight
            state.slow_successes += slow_weight
        else:
            state.fast_failures += fast_weight
            state.slow_failures += slow_weight
            failed = seq
    if failed >= 0:
        state.last_failure = EventRef(context.batch_id, failed)
    return Weighed(slow_ratio, weights)


def _advance(state: OutcomeState, model: Calibration, now: int) -> tuple[float, float, float]:
    """What is left at `now` of one unit at `state.at`, in both windows and in a class."""
    fast = decay_factor(state.at, now, model.fast_half_life)
    slow = decay_factor(state.at, now, model.slow_half_life)
    by_class = decay_factor(state.at, now, model.class_half_life)
    if now - state.at <= model.rebase_after:
        return fast, slow, by_class
    state.fast_successes *= fast
    state.fast_failures *= fast
    state.slow_successes *= slow
    state.slow_failures *= slow
    state.class_evidence = [evidence * by_class for evidence in state.class_evidence]
    state.at = now
    return 1.0, 1.0, 1.0


def _left_of_late(timestamp: datetime, model: Calibration, now: int, *, success: bool) -> tuple[float, float]:
    """What time has left of an event in both windows, as if it had come when it happened."""
    happened = max(epoch_ms(timestamp), now - (MAX_AGE if success else MAX_FAILURE_AGE))
    if happened >= now:
        return 1.0, 1.0
    fast = now * GRID // model.fast_half_life - happened * GRID // model.fast_half_life
    slow = now * GRID // model.slow_half_life - happened * GRID // model.slow_half_life
    return factor_of_steps(fast), factor_of_steps(slow)


def read_outcomes(state: OutcomeState, model: Calibration, now: int) -> OutcomeReading:
    """R as of `now`, not before `state.at`; reads only."""
    fast = decay_factor(state.at, now, model.fast_half_life)
    slow = decay_factor(state.at, now, model.slow_half_life)
    parameters = model.parameters.outcomes
    prior, shrinkage, total = parameters.prior_failures, parameters.shrinkage, model.prior_total
    slow_failures = state.slow_failures * slow
    successes = state.slow_successes * slow
    evidence = successes + slow_failures
    slow_ratio = (parameters.prior_successes + successes) / (total + evidence)
    fast_successes = state.fast_successes * fast
    fast_failures = state.fast_failures * fast
    ratio = combined_ratio(slow_ratio, fast_successes, fast_failures, shrinkage)
    if ratio == slow_ratio:
        prior_share = prior / (prior + slow_failures)
    else:
        shrunk = shrinkage * (1.0 - slow_ratio)
        # Rounding alone can make the fast window the worse one; the share stays one then.
        prior_share = min(1.0, shrinkage * prior / (total + evidence) / (shrunk + fast_failures))
    return OutcomeReading(ratio, slow_ratio, fast_successes, fast_failures, evidence, successes, prior_share)


def combined_ratio(slow_ratio: float, fast_successes: float, fast_failures: float, shrinkage: float) -> float:
    """The worse of the slow window and the fast one, the latter shrunk to the former."""
    total = shrinkage + fast_successes + fast_failures
    if not total:
        return slow_ratio
    return min(slow_ratio, (shrinkage * slow_ratio + fast_successes) / total)


def ratio_cost(ratio: float, model: Calibration) -> float:
    """What a ratio of successes costs, in nats."""
    return -model.parameters.outcomes.exponent * natural_log(ratio)
