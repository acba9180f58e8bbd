"""What is usual for an agent: mean and spread of a metric over its own windows, and how much that varies."""

from math import sqrt

import msgspec

# The older a window, the less it counts: after so many it is forgotten for the most part.
_MEMORY = 64
# A value further off than this is learnt as if it were no further, so that a burst does not become usual.
_CLIP = 3.0
# A smaller spread than this share of the mean is not believed, nor none at all.
_LEAST_SPREAD = 0.1
_SOME_SPREAD = 1e-9


class Baseline(msgspec.Struct, array_like=True, gc=False):
    """Mean and variance over `windows` windows; `window` is the one that is under way, counted from 1970."""

    window: int = 0
    windows: int = 0
    mean: float = 0.0
    variance: float = 0.0


def learn(state: Baseline, value: float, least_windows: int) -> None:
    """Learn what a window has come to; `value` is not negative."""
    off = value - state.mean
    # Where nothing ever came there is no measure of what is much.
    if state.windows >= least_windows and state.mean:
        limit = _CLIP * spread(state)
        off = min(limit, max(-limit, off))
    state.windows = min(state.windows + 1, _MEMORY)
    weight = 1.0 / state.windows
    state.mean += weight * off
    state.variance = (1.0 - weight) * (state.variance + weight * off * off)


def spread(state: Baseline) -> float:
    """One standard deviation, never 0."""
    return max(sqrt(state.variance), _LEAST_SPREAD * state.mean, _SOME_SPREAD)
