"""Component R: how an agent's work turns out, as discounted Beta evidence in two windows.

The estimate is the Beta reputation of Josang and Ismail (2002) with a forgetting factor, kept twice: a fast
window that notices, and a slow one that remembers, so that an on-off attacker cannot wait a fast window out.
The fast window is shrunk to the slow one, and so needs real evidence before it moves. Within a class of
outcomes the weight of an event falls with the class's recent count: evidence saturates near 0.7 a minute at
any rate, so a flood of trivial successes cannot outvote real work, and successes and failures weigh alike, so
busy agents are not put down.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from stream_processors.rules.decay import (
    DAY,
    GRID,
    MINUTE,
    TABLE,
    decay_factor,
    factor_of_steps,
)
from stream_processors.rules.evidence import (
    OUTCOMES,
    SELF_REPORTED_WEIGHT,
    EventRef,
    OutcomeRow,
    epoch_ms,
)

FAST_HALF_LIFE = 20 * MINUTE
SLOW_HALF_LIFE = 24 * 60 * MINUTE
CLASS_HALF_LIFE = 10 * MINUTE

# The count at which a class's weight has halved.
SATURATION = 10.0
PRIOR_SUCCESSES = 4.0
PRIOR_TOTAL = 5.0
# How much evidence the slow window is worth to the fast one.
SHRINKAGE = 40.0

# Late evidence counts as if it had come in time; a failure loses at most this much, so delay does not pay.
MAX_AGE = DAY
MAX_FAILURE_AGE = 5 * MINUTE


class OutcomeState(msgspec.Struct, array_like=True):
    """Decayed sums of weights as of `at` (ms), the decayed count of each class, the last failure."""

    at: int = 0
    fast_successes: float = 0.0
    fast_failures: float = 0.0
    slow_successes: float = 0.0
    slow_failures: float = 0.0
    class_counts: list[float] = msgspec.field(default_factory=lambda: [0.0] * 8)
    last_failure: EventRef | None = None


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


def absorb_outcomes(
    state: OutcomeState, now: int, outcome_class: int, rows: Sequence[OutcomeRow], batch_id: bytes
) -> bool:
    """Add the rows of one segment in their order; True when there is a failure among them."""
    _advance(state, now)
    count = state.class_counts[outcome_class]
    last_failure = -1
    for seq, row in enumerate(rows):
        success = OUTCOMES.get(row.word)
        if success is None:
            continue
        fast = slow = SELF_REPORTED_WEIGHT * SATURATION / (SATURATION + count)
        count += 1.0
        if row.timestamp is not None:
            fast_left, slow_left = _left_of_late(row.timestamp, now, success=success)
            fast *= fast_left
            slow *= slow_left
        if success:
            state.fast_successes += fast
            state.slow_successes += slow
        else:
            state.fast_failures += fast
            state.slow_failures += slow
            last_failure = seq
    state.class_counts[outcome_class] = count
    if last_failure < 0:
        return False
    state.last_failure = EventRef(batch_id, last_failure)
    return True


def _advance(state: OutcomeState, now: int) -> None:
    fast = decay_factor(state.at, now, FAST_HALF_LIFE)
    slow = decay_factor(state.at, now, SLOW_HALF_LIFE)
    by_class = decay_factor(state.at, now, CLASS_HALF_LIFE)
    state.fast_successes *= fast
    state.fast_failures *= fast
    state.slow_successes *= slow
    state.slow_failures *= slow
    state.class_counts = [count * by_class for count in state.class_counts]
    state.at = now


def _left_of_late(timestamp: datetime, now: int, *, success: bool) -> tuple[float, float]:
    """What time has left of an event in both windows, as if it had come when it happened."""
    happened = max(epoch_ms(timestamp), now - (MAX_AGE if success else MAX_FAILURE_AGE))
    if happened >= now:
        return 1.0, 1.0
    fast = now * GRID // FAST_HALF_LIFE - happened * GRID // FAST_HALF_LIFE
    slow = now * GRID // SLOW_HALF_LIFE - happened * GRID // SLOW_HALF_LIFE
    return TABLE[fast] if fast < GRID else factor_of_steps(fast), factor_of_steps(slow)


def read_outcomes(state: OutcomeState, now: int) -> OutcomeReading:
    """R as of `now`, not before `state.at`; reads only."""
    fast = decay_factor(state.at, now, FAST_HALF_LIFE)
    slow = decay_factor(state.at, now, SLOW_HALF_LIFE)
    slow_failures = state.slow_failures * slow
    successes = state.slow_successes * slow
    evidence = successes + slow_failures
    slow_ratio = (PRIOR_SUCCESSES + successes) / (PRIOR_TOTAL + evidence)
    fast_successes = state.fast_successes * fast
    fast_failures = state.fast_failures * fast
    ratio = combined_ratio(slow_ratio, fast_successes, fast_failures)
    prior = PRIOR_TOTAL - PRIOR_SUCCESSES
    if ratio == slow_ratio:
        prior_share = prior / (prior + slow_failures)
    else:
        shrunk = SHRINKAGE * (1.0 - slow_ratio)
        # Rounding alone can make the fast window the worse one; the share stays one then.
        prior_share = min(1.0, SHRINKAGE * prior / (PRIOR_TOTAL + evidence) / (shrunk + fast_failures))
    return OutcomeReading(ratio, slow_ratio, fast_successes, fast_failures, evidence, successes, prior_share)


def combined_ratio(slow_ratio: float, fast_successes: float, fast_failures: float) -> float:
    """The worse of the slow window and the fast one, the latter shrunk to the former."""
    fast_ratio = (SHRINKAGE * slow_ratio + fast_successes) / (SHRINKAGE + fast_successes + fast_failures)
    return min(slow_ratio, fast_ratio)
